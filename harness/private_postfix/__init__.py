"""private_postfix - an unmodified Postfix in namespaces of its own: supervisor, laboratory, configuration, log."""
