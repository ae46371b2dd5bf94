"""What every language shares: URLs and connection strings in string literals, and lines that call out."""

import re
from collections.abc import Iterator

from autograph.analysis.facts import Reference
from autograph.analysis.source_file import SourceFile

_LITERAL = re.compile(r"\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)'|`([^`]*)`")
_URL = re.compile(r"\b((?:jdbc:)?[a-z][a-z0-9+.\-]*)://([^/\s\"'`?#]+)", re.IGNORECASE)
_CONNECTION = re.compile(
    r"(?:^|;)\s*(?:Server|Host|Data Source|Address|Addr)\s*=\s*(?:tcp:)?([\w.\-]+)", re.IGNORECASE
)
_CALL = re.compile(
    r"fetch\(|axios|\brequest[s]?\b|http[xs]?\b|\.get\(|\.post\(|\.put\(|\.delete\(|getFor|postFor|exchange\(|\.uri\(|"
    r"url|uri|endpoint|baseaddress|base_url|client|dial|connect|curl|gateway|api|webhook",
    re.IGNORECASE,
)
_FOR_PEOPLE = re.compile(
    r"href|contact|licen[sc]e|terms|swagger|openapi|xmlns|namespace|schema|homepage|\bsrc=|author|see:|docs?url|log(?:ger)?\.|"
    r"console\.log|print\(",
    re.IGNORECASE,
)
_NOT_NETWORK = frozenset(
    {"php", "file", "classpath", "data", "chrome", "resource", "jar", "unix", "about", "app", "ng"}
)
_NO_SYSTEM = re.compile(
    r"(^|\.)(w3\.org|schema\.org|schemas?\.[\w.]+|xmlsoap\.org|example\.(com|org|net)|apache\.org|spring(framework|source)?\."
    r"(org|io)|json-schema\.org|localhost|opensource\.org|gnu\.org|github\.com|githubusercontent\.com|"
    r"microsoft\.com|aka\.ms|jquery\.com|jsdelivr\.net|cdnjs\.[\w.]+|unpkg\.com|googleapis\.com/css|fonts\.[\w.]+|gstatic\.com|"
    r"bootstrapcdn\.com|fontawesome\.com|stackoverflow\.com|wikipedia\.org|swagger\.io|npmjs\.com|npmjs\.org|maven\.org|"
    r"oracle\.com|sun\.com|jboss\.org|hibernate\.org|eclipse\.org|mozilla\.org|java\.net|tempuri\.org|foo\.com|bar\.com|"
    r"docker\.com|docker\.io|kubernetes\.io|golang\.org|python\.org|nodejs\.org|vuejs\.org|reactjs\.org|angular\.io|"
    r"angularjs\.org|purl\.org|ietf\.org|linkedin\.com|twitter\.com|facebook\.com|youtube\.com|instagram\.com|"
    r"gravatar\.com|placeholder\.com|unsplash\.com|googletagmanager\.com|google-analytics\.com|mycompany\.com|test|local)$"
)


def is_system(host: str) -> bool:
    """Whether a public host name can be an outside system, rather than a namespace or a page for people."""
    bare = host.rpartition("@")[2].partition(":")[0].lower()
    plain = re.fullmatch(r"[a-z0-9\-]+(\.[a-z0-9\-]+)+", bare) is not None
    return plain and not re.fullmatch(r"[\d.]+", bare) and _NO_SYSTEM.search(bare) is None


def references(file: SourceFile, protocol: str = "HTTP") -> Iterator[Reference]:
    """A reference for each URL or connection string in a string literal of the code.

    Only a line that seems to call something lets a URL become an outside system.
    """
    for literal, line in file.find(_LITERAL):
        text = literal.group(1) or literal.group(2) or literal.group(3) or ""
        if "://" in text:
            for url in _URL.finditer(text):
                around = _around(file, literal.start())
                if url.group(1).lower() in _NOT_NETWORK:
                    continue
                bare = around.replace(text, "")
                calls = _CALL.search(bare) is not None and _FOR_PEOPLE.search(bare + file.stem) is None
                outside = is_system(url.group(2)) and calls
                place = file.place(line, "URL in code")
                yield Reference(url.group(), place, protocol=protocol, outside=outside, label="")
        elif "=" in text:
            for match in _CONNECTION.finditer(text):
                yield Reference(match.group(1), file.place(line, "connection string"), protocol="SQL")


def _around(file: SourceFile, offset: int) -> str:
    start = file.code.rfind("\n", 0, offset) + 1
    end = file.code.find("\n", offset)
    return file.code[start : end if end >= 0 else None]
