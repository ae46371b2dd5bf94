/** All services, and the routes of the chosen one. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { operations, type Overview, type ServiceFigures } from "../../api";
import { Answer, Choice, Field, figure, Nothing, Sideways, size } from "../../ui";
import { Card } from "../Card";
import { duration, NO_DATA, rate, share } from "../figures";
import { StatusDot, upInWords } from "../Status";
import { ORDERS, shown, type Order, type RouteFigures } from "./routes";
import { ServicesCard } from "./ServicesCard";

const AGAIN_MS = 10_000;

interface ServicePageProps {
  overview: Overview;
  range: string;
  /** The service whose routes are wanted; the first one where there is none. */
  name: string | undefined;
}

export function ServicePage({ overview, range, name }: ServicePageProps): ReactElement {
  const { services, times, at } = overview;
  const service = services.find((one) => one.name === name) ?? services.find((one) => one.name === "gateway") ?? services[0];
  return (
    <>
      <ServicesCard services={services} times={times} at={at} note={`last ${range}`} wide />
      {service && <Quantiles service={service} range={range} />}
      {service && <Routes key={service.name} name={service.name} names={services.map((one) => one.name)} />}
    </>
  );
}

function Quantiles({ service, range }: { service: ServiceFigures; range: string }): ReactElement {
  const { name, status, instances } = service;
  const facts = [
    ["Requests", rate(service.rate)],
    ["Errors", share(service.error_ratio)],
    ["Duration p50", duration(service.p50_seconds)],
    ["Duration p95", duration(service.p95_seconds)],
    ["Duration p99", duration(service.p99_seconds)],
  ] as const;
  return (
    <Card title={name} note={`last ${range}`} wide>
      <dl className="op-facts">
        <div>
          <dt>State</dt>
          <dd className="row">
            <StatusDot status={status} />
            {upInWords(status, instances)}
          </dd>
        </div>
        {facts.map(([title, text]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd className={text === NO_DATA ? "t3" : "b6"}>{text}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Routes({ name, names }: { name: string; names: readonly string[] }): ReactElement {
  const [, go] = useLocation();
  const [words, setWords] = useState("");
  const [order, setOrder] = useState<Order>("time");
  const query = useQuery({ queryKey: ["ops", "routes", name], queryFn: ({ signal }) => operations.routes(name, signal), refetchInterval: AGAIN_MS, placeholderData: keepPreviousData });
  return (
    <Card title={`Routes of ${name}`} note={query.data && `${query.data.items.length} in all, since the start`} wide>
      <div className="op-filters">
        <Field label="Find" type="search" placeholder="Method and path" value={words} onText={setWords} />
        <Choice label="Service" value={name} options={names.map((one) => [one, one])} onPick={(one) => go(`/operations/services/${one}`)} />
        <Choice label="Order" value={order} options={Object.entries(ORDERS)} onPick={(one) => setOrder(one as Order)} />
      </div>
      <Answer of={query}>
        {({ items }) => {
          const found = shown(items, words, order);
          if (found.length === 0) return <Nothing>{items.length === 0 ? "No data yet: nobody has asked this service." : "No route matches."}</Nothing>;
          return <Table routes={found} />;
        }}
      </Answer>
    </Card>
  );
}

function Table({ routes }: { routes: readonly RouteFigures[] }): ReactElement {
  return (
    <Sideways label="Routes">
      <table className="op-routes">
        <thead>
          <tr>
            <th>Route</th>
            <th className="num">Requests</th>
            <th className="num">Errors</th>
            <th className="num">Refused</th>
            <th className="num">p50</th>
            <th className="num">p95</th>
            <th className="num">p99</th>
            <th className="num">Over 1 s</th>
            <th className="num">In</th>
            <th className="num">Out</th>
            <th className="num">Saved</th>
            <th className="num">Large</th>
          </tr>
        </thead>
        <tbody>
          {routes.map((one) => (
            <tr key={`${one.method} ${one.route}`}>
              <td className="mono">
                <span className="t3">{one.method}</span> {one.route}
              </td>
              <td className="num">{figure(one.requests)}</td>
              <td className={(one.error_ratio ?? 0) > 0 ? "num bad b6" : "num"}>{share(one.error_ratio, 1)}</td>
              <td className="num">{share(one.client_error_ratio, 1)}</td>
              <td className="num">{duration(one.p50_seconds)}</td>
              <td className="num b5">{duration(one.p95_seconds)}</td>
              <td className="num">{duration(one.p99_seconds)}</td>
              <td className="num">{figure(one.slow)}</td>
              <td className="num">{size(one.request_bytes)}</td>
              <td className="num">{size(one.response_bytes)}</td>
              <td className="num">{size(one.saved_bytes)}</td>
              <td className="num" title="Bodies of 1 MiB or more">
                {figure(one.large)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sideways>
  );
}
