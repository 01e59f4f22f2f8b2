"""pages - HTML that does something, and HTML that only looks like it; scripts and shortcuts in text."""

from __future__ import annotations

from harness.corpus.payload import payloads

_TEXTS = {
    "html_plain": '<html><body><a href="http://www.ok.test/a">www.ok.test</a><img src="cid:1"></body></html>',
    "html_iframe": '<html><body><iframe src="cid:1" height=0 width=0></iframe></body></html>',
    "html_object": '<html><body><object codebase="http://203.0.113.9/x.cab"></object></body></html>',
    "html_form": '<html><body><form action="http://203.0.113.9/"><input type="password" name="p"></form></body></html>',
    "html_script": "<html><body><script>document.write(1)</script></body></html>",
    "html_cloaked": '<html><body><a href="http://bank.evil.test/login">https://www.bank.test/login</a></body></html>',
    "html_numeric": '<html><body><a href="http://203.0.113.9/login"><b>www.bank.test</b></a></body></html>',
    "html_own_link": '<html><body><a href="http://click.bank.test/?u=1">https://www.bank.test/</a></body></html>',
    "script_js": 'var s = new ActiveXObject("WScript.Shell"); s.Popup("hello");',
    "script_vbs": 'Set s = CreateObject("WScript.Shell")\r\ns.Popup "hello"\r\n',
    "script_hta": '<html><hta:application id=a /><script language="vbscript">MsgBox 1</script></html>',
    "script_reg": "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Test]\r\n",
    "url_file": "[InternetShortcut]\r\nURL=file://203.0.113.9/share/x.exe\r\n",
    "url_web": "[InternetShortcut]\r\nURL=http://www.ok.test/\r\n",
    "scf_command": "[Shell]\r\nCommand=2\r\nIconFile=\\\\203.0.113.9\\x.ico\r\n",
}


def _register(word: str, text: str) -> None:
    @payloads.register(word)
    def made() -> bytes:
        return text.encode()


for _word, _text in _TEXTS.items():
    _register(_word, _text)
