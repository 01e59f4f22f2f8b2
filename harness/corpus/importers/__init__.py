"""importers - one file for each form in which mail is kept."""
