"""fakedns - a DNS server for tests: zones, blocklists, faults on command, and a log of what was asked."""
