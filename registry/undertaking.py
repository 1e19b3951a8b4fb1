"""The undertaking of confidentiality accepted before acting for a party (convention, article 14)."""

VERSION = "2026-1"
"""Changes with the text: everybody is asked again."""

TEXT = """\
Je suis tenu au secret professionnel, à l'obligation de discrétion et à l'obligation de confidentialité pour tout ce \
qui concerne les faits, les informations, les études et les décisions dont j'aurai connaissance par ce service, \
pendant l'exécution de la convention et après son expiration (convention, article 14).
Je n'utilise ces informations que pour la fonction qui m'est confiée, et ne les communique qu'à ceux dont c'est aussi \
la fonction.
Mon compte est personnel : je ne le prête à personne, et je signale sans délai tout usage qui ne serait pas le mien."""
"""One paragraph a line."""
