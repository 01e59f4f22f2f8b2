"""policy - who may send what to whom: restriction lists as smtpd_check.c decides them."""
