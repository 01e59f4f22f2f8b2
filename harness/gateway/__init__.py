"""gateway - the reference gateway: Postfix's UCE controls, then RAV's content engine, as a library and a server.

    bytes -> smtp.server -> smtpd -> policy.decide (restrictions -> lookup, tables, dns -> verdict)
          -> cleanup -> content.examine (unpack -> scan -> score -> act -> notify) -> delivery | bounce

It cannot know that it is being tested: nothing here imports the harness above it.
"""
