"""Well-known technologies: how they are recognised, their proper name and their glyph."""

import functools
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Technology:
    """`slug` names the glyph (None: it has none); `name` is how it is written."""

    name: str
    slug: str | None


# A word of a technology's or a component's name -> slug, proper name. The first match wins.
_TABLE: tuple[tuple[str, str | None, str], ...] = (
    ("rabbit", "rabbitmq", "RabbitMQ"),
    ("kafka", "apachekafka", "Kafka"),
    ("redpanda", None, "Redpanda"),
    ("pulsar", "apachepulsar", "Pulsar"),
    ("nats", "natsdotio", "NATS"),
    ("activemq", "apacheactivemq", "ActiveMQ"),
    ("redis", "redis", "Redis"),
    ("valkey", None, "Valkey"),
    ("memcached", None, "memcached"),
    ("mongo", "mongodb", "MongoDB"),
    ("postgres", "postgresql", "PostgreSQL"),
    ("mysql", "mysql", "MySQL"),
    ("mariadb", "mariadb", "MariaDB"),
    ("sqlite", "sqlite", "SQLite"),
    ("cassandra", "apachecassandra", "Cassandra"),
    ("couchdb", "apachecouchdb", "CouchDB"),
    ("neo4j", "neo4j", "Neo4j"),
    ("cockroach", "cockroachlabs", "CockroachDB"),
    ("clickhouse", "clickhouse", "ClickHouse"),
    ("influx", "influxdb", "InfluxDB"),
    ("minio", "minio", "MinIO"),
    ("elasticsearch", "elasticsearch", "Elasticsearch"),
    ("opensearch", "opensearch", "OpenSearch"),
    ("kibana", "kibana", "Kibana"),
    ("logstash", "logstash", "Logstash"),
    ("fluentd", "fluentd", "Fluentd"),
    ("fluentbit", "fluentbit", "Fluent Bit"),
    ("grafana", "grafana", "Grafana"),
    ("prometheus", "prometheus", "Prometheus"),
    ("jaeger", "jaeger", "Jaeger"),
    ("zipkin", None, "Zipkin"),
    ("otel", "opentelemetry", "OpenTelemetry"),
    ("opentelemetry", "opentelemetry", "OpenTelemetry"),
    ("sentry", "sentry", "Sentry"),
    ("datadog", "datadog", "Datadog"),
    ("consul", "consul", "Consul"),
    ("vault", "vault", "Vault"),
    ("etcd", "etcd", "etcd"),
    ("nginx", "nginx", "nginx"),
    ("envoy", "envoyproxy", "Envoy"),
    ("istio", "istio", "Istio"),
    ("traefik", "traefikproxy", "Traefik"),
    ("kong", "kong", "Kong"),
    ("httpd", "apache", "Apache httpd"),
    ("keycloak", "keycloak", "Keycloak"),
    ("auth0", "auth0", "Auth0"),
    ("stripe", "stripe", "Stripe"),
    ("paypal", "paypal", "PayPal"),
    ("gmail", "gmail", "Gmail"),
    ("github", "github", "GitHub"),
    ("zuul", None, "Zuul"),
    ("eureka", None, "Eureka"),
    ("turbine", None, "Turbine"),
    ("hystrix", None, "Hystrix"),
    ("zookeeper", None, "ZooKeeper"),
    ("typescript", "typescript", "TypeScript"),
    ("javascript", "javascript", "JavaScript"),
    ("react", "react", "React"),
    ("angular", "angular", "Angular"),
    ("vue", "vuedotjs", "Vue"),
    ("svelte", "svelte", "Svelte"),
    ("java", "openjdk", "Java"),
    ("kotlin", "kotlin", "Kotlin"),
    ("scala", "scala", "Scala"),
    ("python", "python", "Python"),
    ("node", "nodedotjs", "Node.js"),
    ("nodejs", "nodedotjs", "Node.js"),
    ("csharp", "dotnet", ".NET"),
    ("dotnet", "dotnet", ".NET"),
    ("rust", "rust", "Rust"),
    ("ruby", "ruby", "Ruby"),
    ("php", "php", "PHP"),
    ("elixir", "elixir", "Elixir"),
    ("cpp", "cplusplus", "C++"),
    ("golang", "go", "Go"),
    ("go", "go", "Go"),
)
_WHOLE_WORDS = frozenset({"go", "node", "vue", "cpp", "nats", "kong", "vault", "java"})
_SPELLINGS = {".net": "dotnet", "c#": "csharp", "c++": "cpp", "node.js": "nodejs", "fluent bit": "fluentbit"}
SLUGS: tuple[str, ...] = tuple(sorted({slug for _, slug, _ in _TABLE if slug}))
"""Every glyph that a picture may need."""

WIDE_GLYPHS = frozenset({"dotnet", "go", "mysql", "php"})
"""Glyphs that are not legible below 17 px."""


@functools.lru_cache(maxsize=4096)
def recognise(text: str) -> Technology | None:
    """Return the technology that `text` (a name such as "PostgreSQL 16" or "orders-mongo") speaks of."""
    lowered = text[:200].lower()
    for spelling, plain in _SPELLINGS.items():
        lowered = lowered.replace(spelling, plain)
    words = re.findall(r"[a-z0-9]+", lowered)
    for key, slug, name in _TABLE:
        whole = key in _WHOLE_WORDS
        if any(word == key if whole else word.startswith(key) for word in words):
            return Technology(name, slug)
    return None
