"""Technologies a picture names: how images, schemes, ports and names give them away. Facts only."""

import re
from dataclasses import dataclass

from autograph.model.architecture import Kind


@dataclass(frozen=True, slots=True)
class Technology:
    """A product that runs beside services: its key, its name for people, and what it is."""

    key: str
    title: str
    kind: Kind
    words: tuple[str, ...]
    schemes: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    protocol: str = ""


_DB, _Q, _C, _O, _D = Kind.DATABASE, Kind.QUEUE, Kind.CACHE, Kind.OBSERVABILITY, Kind.DISCOVERY
TECHNOLOGIES = (
    Technology("postgres", "PostgreSQL", _DB, ("postgres", "postgresql", "pgvector", "timescaledb", "postgis"),
               ("postgres", "postgresql", "jdbc:postgresql"), (5432,), "SQL"),
    Technology("mysql", "MySQL", _DB, ("mysql",), ("mysql", "jdbc:mysql", "mysql2"), (3306,), "SQL"),
    Technology("mariadb", "MariaDB", _DB, ("mariadb",), ("mariadb", "jdbc:mariadb"), (), "SQL"),
    Technology("sqlserver", "SQL Server", _DB, ("mssql", "sqlserver", "sqldata"), ("jdbc:sqlserver", "mssql"),
               (1433,), "SQL"),
    Technology("oracle", "Oracle", _DB, ("oracledb", "oracle"), ("jdbc:oracle",), (1521,), "SQL"),
    Technology("cockroach", "CockroachDB", _DB, ("cockroach", "cockroachdb"), (), (26257,), "SQL"),
    Technology("mongodb", "MongoDB", _DB, ("mongodb", "mongo", "documentdb", "percona"),
               ("mongodb", "mongodb+srv"), (27017,), "MongoDB"),
    Technology("cassandra", "Cassandra", _DB, ("cassandra", "scylla"), (), (9042,), "CQL"),
    Technology("neo4j", "Neo4j", _DB, ("neo4j",), ("neo4j", "bolt"), (7687,), "Bolt"),
    Technology("influxdb", "InfluxDB", _DB, ("influxdb",), (), (8086,), "HTTP"),
    Technology("clickhouse", "ClickHouse", _DB, ("clickhouse",), ("clickhouse",), (8123,), "SQL"),
    Technology("elasticsearch", "Elasticsearch", _DB, ("elasticsearch", "opensearch"), (), (9200, 9300), "HTTP"),
    Technology("couchdb", "CouchDB", _DB, ("couchdb", "couchbase"), (), (5984,), "HTTP"),
    Technology("dynamodb", "DynamoDB", _DB, ("dynamodb",), (), (), "HTTP"),
    Technology("redis", "Redis", _C, ("redis", "valkey", "keydb"), ("redis", "rediss"), (6379,), "RESP"),
    Technology("memcached", "Memcached", _C, ("memcached", "memcache"), ("memcached",), (11211,), "memcache"),
    Technology("rabbitmq", "RabbitMQ", _Q, ("rabbitmq", "rabbit"), ("amqp", "amqps"), (5672, 15672), "AMQP"),
    Technology("kafka", "Kafka", _Q, ("kafka", "redpanda"), ("kafka",), (9092, 29092), "Kafka"),
    Technology("activemq", "ActiveMQ", _Q, ("activemq", "artemis"), (), (61616,), "JMS"),
    Technology("nats", "NATS", _Q, ("nats", "stan"), ("nats",), (4222,), "NATS"),
    Technology("mqtt", "MQTT", _Q, ("mosquitto", "emqx", "hivemq"), ("mqtt", "mqtts"), (1883,), "MQTT"),
    Technology("pulsar", "Pulsar", _Q, ("pulsar",), ("pulsar",), (6650,), "Pulsar"),
    Technology("minio", "MinIO", Kind.STORAGE, ("minio",), ("s3",), (9000,), "S3"),
    Technology("azurite", "Azure Storage", Kind.STORAGE, ("azurite",), (), (10000,), "HTTP"),
    Technology("zookeeper", "ZooKeeper", Kind.CONFIG, ("zookeeper",), (), (2181,), "ZooKeeper"),
    Technology("etcd", "etcd", Kind.CONFIG, ("etcd",), (), (2379,), "HTTP"),
    Technology("consul", "Consul", _D, ("consul",), ("consul",), (8500,), "HTTP"),
    Technology("eureka", "Eureka", _D, ("eureka",), (), (8761,), "HTTP"),
    Technology("nacos", "Nacos", _D, ("nacos",), (), (8848,), "HTTP"),
    Technology("vault", "Vault", Kind.CONFIG, ("vault",), (), (8200,), "HTTP"),
    Technology("zipkin", "Zipkin", _O, ("zipkin",), (), (9411,), "HTTP"),
    Technology("jaeger", "Jaeger", _O, ("jaeger", "jaegertracing"), (), (14268, 16686), "OTLP"),
    Technology("otel", "OpenTelemetry Collector", _O, ("otel", "opentelemetry", "otelcol", "opentelemetrycollector"),
               (), (4317, 4318), "OTLP"),
    Technology("prometheus", "Prometheus", _O, ("prometheus",), (), (9090,), "HTTP"),
    Technology("grafana", "Grafana", _O, ("grafana",), (), (), "HTTP"),
    Technology("loki", "Loki", _O, ("loki",), (), (3100,), "HTTP"),
    Technology("tempo", "Tempo", _O, ("tempo",), (), (), "HTTP"),
    Technology("kibana", "Kibana", _O, ("kibana",), (), (5601,), "HTTP"),
    Technology("logstash", "Logstash", _O, ("logstash",), (), (5044,), "TCP"),
    Technology("fluentd", "Fluentd", _O, ("fluentd", "fluentbit", "fluent"), (), (24224,), "TCP"),
    Technology("seq", "Seq", _O, ("seq",), (), (5341,), "HTTP"),
    Technology("graylog", "Graylog", _O, ("graylog",), (), (12201,), "GELF"),
    Technology("statsd", "StatsD", _O, ("statsd",), (), (8125,), "UDP"),
    Technology("keycloak", "Keycloak", Kind.AUTH, ("keycloak",), (), (), "OIDC"),
    Technology("nginx", "nginx", Kind.GATEWAY, ("nginx",), (), (), "HTTP"),
    Technology("traefik", "Traefik", Kind.GATEWAY, ("traefik",), (), (), "HTTP"),
    Technology("envoy", "Envoy", Kind.GATEWAY, ("envoy", "envoyproxy"), (), (), "HTTP"),
    Technology("haproxy", "HAProxy", Kind.GATEWAY, ("haproxy",), (), (), "HTTP"),
    Technology("kong", "Kong", Kind.GATEWAY, ("kong",), (), (), "HTTP"),
    Technology("httpd", "Apache", Kind.GATEWAY, ("httpd", "apache2", "apache"), (), (), "HTTP"),
    Technology("mailhog", "MailHog", Kind.EXTERNAL, ("mailhog", "mailpit", "maildev", "smtp4dev"), ("smtp",), (1025,),
               "SMTP"),
    Technology("locust", "Locust", Kind.LOADGEN, ("locust", "k6", "jmeter", "gatling"), (), (), "HTTP"),
    Technology("openai", "OpenAI", Kind.EXTERNAL, ("openai",), (), (), "HTTPS"),
    Technology("anthropic", "Anthropic", Kind.EXTERNAL, ("anthropic",), (), (), "HTTPS"),
    Technology("stripe", "Stripe", Kind.EXTERNAL, ("stripe",), (), (), "HTTPS"),
    Technology("twilio", "Twilio", Kind.EXTERNAL, ("twilio",), (), (), "HTTPS"),
    Technology("sendgrid", "SendGrid", Kind.EXTERNAL, ("sendgrid",), (), (), "HTTPS"),
    Technology("auth0", "Auth0", Kind.EXTERNAL, ("auth0",), (), (), "HTTPS"),
    Technology("firebase", "Firebase", Kind.EXTERNAL, ("firebase",), (), (), "HTTPS"),
)  # fmt: skip
BY_KEY = {technology.key: technology for technology in TECHNOLOGIES}
_BY_WORD = {word: technology for technology in TECHNOLOGIES for word in technology.words}
_BY_SCHEME = {scheme: technology for technology in TECHNOLOGIES for scheme in technology.schemes}
_BY_PORT = {port: technology for technology in reversed(TECHNOLOGIES) for port in technology.ports}
_CLIENTS = frozenset(
    [
        "exporter",
        "manager",
        "ui",
        "admin",
        "commander",
        "express",
        "dashboard",
        "init",
        "setup",
        "migrate",
        "migration",
        "seed",
        "proxy",
        "rest",
        "hq",
        "kafdrop",
    ]
)
BESIDE = frozenset(
    {
        Kind.DATABASE,
        Kind.CACHE,
        Kind.QUEUE,
        Kind.STORAGE,
        Kind.OBSERVABILITY,
        Kind.DISCOVERY,
        Kind.CONFIG,
        Kind.AUTH,
    }
)


def of_image(image: str) -> Technology | None:
    """The product in a container image such as `docker.io/library/redis:7-alpine`."""
    repository = image.split("@", maxsplit=1)[0]
    *owners, last = repository.split("/")
    name = last.partition(":")[0].lower()
    words = re.split(r"[^a-z0-9]+", name)
    if name in _BY_WORD:
        return _BY_WORD[name]
    if set(words) & _CLIENTS:
        return None
    for word in [*words, words[0].rstrip("0123456789")]:
        if word in _BY_WORD:
            return _BY_WORD[word]
    owner = re.sub(r"[^a-z0-9]", "", owners[-1].lower()) if owners else ""
    return _BY_WORD.get(owner) if words[0] in {"all", "server", "collector", owner} else None


def of_name(name: str) -> Technology | None:
    """The product that a component's name ends or begins with, such as `orders-mongodb`."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    if not words or set(words) & _CLIENTS:
        return None
    return _BY_WORD.get(words[-1]) or _BY_WORD.get(words[0]) or _BY_WORD.get(words[-1].rstrip("0123456789"))


def of_scheme(scheme: str) -> Technology | None:
    """The product that a URL scheme such as `amqp`, `jdbc:mysql` or `postgresql+asyncpg` belongs to."""
    lower = scheme.lower()
    return _BY_SCHEME.get(lower) or _BY_SCHEME.get(lower.partition("+")[0])


def of_port(port: int) -> Technology | None:
    """The product that listens on this port unless told otherwise."""
    return _BY_PORT.get(port)


def of_key(key: str) -> Technology | None:
    """The product a setting's name speaks of, such as `spring.data.mongodb.host` or `RABBIT_HOST`."""
    for word in re.split(r"[^a-z0-9]+", key.lower()):
        found = _BY_WORD.get(word) or _BY_KEY_WORD.get(word)
        if found is not None and found.kind is not Kind.GATEWAY:
            return found
    return None


_BY_KEY_WORD = {
    "elastic": BY_KEY["elasticsearch"],
    "amqp": BY_KEY["rabbitmq"],
    "pg": BY_KEY["postgres"],
    "pghost": BY_KEY["postgres"],
    "otlp": BY_KEY["otel"],
}
