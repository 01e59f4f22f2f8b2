"""harness - replay mail sessions against a gateway, and say what came of them.

    scenario.yaml --load--> Scenario --plan--> Plan --run--> Observation --judge--> ScenarioResult --> reports

`run` is the only step that touches the world, and it judges nothing.  This package imports nothing here, so that
`python -m harness.gateway` does not load the harness.
"""

__version__ = "0.1.0"
