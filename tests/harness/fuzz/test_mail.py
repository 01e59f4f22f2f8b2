"""mail: contents as they go after DATA."""

import pytest

from harness.fuzz.mail import draw_mail

pytestmark = pytest.mark.slow  # it draws a lot


def test_no_line_ends_the_content_early(draws) -> None:
    contents = draws(draw_mail, 60)
    assert not any(line == b"." for content in contents for line in content.split(b"\r\n"))
    assert any(b"multipart/" in content for content in contents)
