"""Takes secrets out of text that is kept or shown: error messages, statements, breadcrumbs."""

import re

HIDDEN = "[hidden]"
LONGEST = 500

_SECRETS = re.compile(
    r"""
      eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*                                   # a JSON web token
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                                     # an AWS access key
    | \b(?:gh[pousr]|github_pat|glpat|xox[abprs]|sk|ag)[_-][\w-]{16,}   # keys that say what they are
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)                                   # user:password@ of a URL
    | (?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}                          # an Authorization header
    | (?i:(?:password|passwd|secret|token|api[_-]?key|authorization|cookie)["']?\s*[=:]\s*)
      (?:"[^"]*"|'[^']*'|[^\s"',;&]+)
    | \b[\w.+-]+@[\w-]+\.[\w.-]+\b                                      # an e-mail address
    | \b[0-9a-fA-F]{32,}\b                                              # a long hexadecimal value
    | (?<=DETAIL:\ )[^\n]*                                              # PostgreSQL names the values of a row
    """,
    re.VERBOSE,
)


def hidden(text: str) -> str:
    """Return `text` without what looks like a secret or an address of a person, else as it is."""
    return _SECRETS.sub(HIDDEN, text)


def scrubbed(text: str, longest: int = LONGEST) -> str:
    """Return `text` without what looks like a secret or an address of a person, cut at `longest` characters."""
    clean = hidden(text[: longest * 4])
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
