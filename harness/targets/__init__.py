"""targets - the kinds of gateway a scenario can be run against."""
