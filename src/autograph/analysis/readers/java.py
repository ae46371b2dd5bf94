"""Java and Kotlin: Spring and Micronaut annotations, declarative clients, HTTP calls, messaging, data access."""

import re
from collections.abc import Iterator

from autograph.analysis.facts import Fact, Lookup, Reference, Setting, Trait, Use
from autograph.analysis.readers.environment import environment
from autograph.analysis.readers.literals import references
from autograph.analysis.source_file import SourceFile

_TRAITS = {
    "EnableEurekaServer": "discovery-server",
    "EnableConfigServer": "config-server",
    "EnableEurekaClient": "discovery-client",
    "EnableDiscoveryClient": "discovery-client",
    "EnableZuulProxy": "zuul",
    "EnableZuulServer": "zuul",
    "EnableTurbine": "turbine",
    "EnableTurbineStream": "turbine",
    "EnableTurbineAmqp": "turbine",
    "EnableHystrixDashboard": "hystrix-dashboard",
    "EnableAdminServer": "admin-server",
    "EnableZipkinServer": "tracing-server",
    "EnableZipkinStreamServer": "tracing-server",
    "EnableAuthorizationServer": "auth-server",
    "EnableHystrix": "circuit-breaker",
    "EnableCircuitBreaker": "circuit-breaker",
    "HystrixCommand": "circuit-breaker",
    "SpringBootApplication": "main",
    "EnableAutoConfiguration": "main",
    "SpringCloudApplication": "discovery-client",
}
_ANNOTATION = re.compile(r"@(" + "|".join(_TRAITS) + r")\b")
_MAIN = re.compile(r"public\s+static\s+void\s+main\s*\(|^fun\s+main\s*\(", re.MULTILINE)
_STARTS = re.compile(
    r"(SpringApplication|Micronaut|Quarkus)\s*\.\s*(?:\w+\(\)\s*\.)*(run|build|start)|Micronaut\."
)
_FEIGN = re.compile(r"@(FeignClient|Client|RegisterRestClient)\s*\(([^)]*)\)")
_NAMED = re.compile(r"\b(?:name|value|id|serviceId|url|configKey|baseUri)\s*=\s*\"([^\"]+)\"")
_STRING = re.compile(r"\"([^\"\n]+)\"")
_VALUE = re.compile(r"@(?:Value|Property|Named)\s*\(\s*(?:name\s*=\s*)?\"([^\"\n]*\$\{[^\"\n]*)\"")
_PLACEHOLDER = re.compile(r"\$\{([\w.\-]+)(?::([^}]*))?\}")
_CHOOSE = re.compile(r"\.(?:choose|getInstances|getNextServerFromEureka)\(\s*\"([\w.\-]+)\"")
_USES = (
    (re.compile(r"\b(RabbitTemplate|AmqpTemplate|StreamBridge)\s+\w+|\.convertAndSend\("), "rabbitmq", False),
    (re.compile(r"@RabbitListener\b|implements\s+MessageListener\b"), "rabbitmq", True),
    (re.compile(r"\bKafkaTemplate<[^;{]*>\s+\w+|@KafkaClient\b|new\s+KafkaProducer\b"), "kafka", False),
    (re.compile(r"@KafkaListener\b|new\s+KafkaConsumer\b"), "kafka", True),
    (re.compile(r"extends\s+(?:Reactive)?MongoRepository\b|\bMongo(?:Template|Client|Collection)\b"), "mongodb", False),
    (re.compile(r"\b(?:String)?RedisTemplate\b|\bJedis(?:Pool)?\b"), "redis", False),
    (re.compile(r"\bElasticsearchRepository\b|\b(?:RestHighLevel|Elasticsearch)Client\b"), "elasticsearch", False),
    (re.compile(r"^import\s+com\.stripe\.", re.MULTILINE), "stripe", False),
    (re.compile(r"^import\s+com\.twilio\.", re.MULTILINE), "twilio", False),
    (re.compile(r"extends\s+CassandraRepository\b"), "cassandra", False),
    (re.compile(r"extends\s+Neo4jRepository\b"), "neo4j", False),
)  # fmt: skip


class JavaReader:
    """Java, Kotlin, Groovy and Scala sources of main source sets."""

    name = "java"

    def wants(self, file: SourceFile) -> bool:
        """Sources by suffix."""
        return file.suffix in {".java", ".kt", ".groovy", ".scala"}

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Traits, references, settings read and clients used."""
        for match, line in file.find(_ANNOTATION):
            name = match.group(1)
            yield Trait(_TRAITS[name], file.place(line, f"@{name}"))
        if _MAIN.search(file.code) and (_STARTS.search(file.code) or "io.grpc" in file.code):
            main = _MAIN.search(file.code)
            yield Trait("main", file.place(file.line_at(main.start() if main else 0), "main method"))
        yield from _declarative(file)
        yield from _configured(file)
        for match, line in file.find(_CHOOSE):
            yield Reference(match.group(1), file.place(line, "load balancer"), protocol="HTTP")
        for pattern, technology, consumes in _USES:
            for match, line in file.find(pattern):
                yield Use(
                    technology, file.place(line, match.group().split("(")[0].strip()[:40]), consumes=consumes
                )
                break
        yield from environment(file)
        yield from references(file)


def _declarative(file: SourceFile) -> Iterator[Fact]:
    for match, line in file.find(_FEIGN):
        arguments = match.group(2)
        named = [*_NAMED.findall(arguments), *([] if "=" in arguments else _STRING.findall(arguments))]
        for target in named[:2]:
            if not target.startswith("/"):
                yield Reference(
                    target, file.place(line, f"@{match.group(1)}"), protocol="HTTP", outside="://" in target
                )


def _configured(file: SourceFile) -> Iterator[Fact]:
    for match, line in file.find(_VALUE):
        for key, fallback in _PLACEHOLDER.findall(match.group(1)):
            place = file.place(line, "@Value")
            yield Lookup(key, place)
            if fallback:
                yield Setting(key, fallback, place, fallback=True)
