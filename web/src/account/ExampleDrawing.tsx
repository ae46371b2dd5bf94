/** An example of what AutoGraph draws, shown beside the sign-in form. Decoration: readers of the screen skip it. */
import { GitBranch } from "lucide-react";
import type { ReactElement } from "react";
import { Icon } from "../ui";

type Shape = "service" | "store" | "queue" | "external" | "web" | "phone";

const WIDTH = 128;
const HEIGHT = 44;

const FRAMES: readonly (readonly [name: string, x: number, y: number, width: number, height: number])[] = [
  ["Clients", 68, 156, 160, 164],
  ["Edge", 256, 190, 160, 196],
  ["Shopping", 448, 14, 568, 294],
  ["Checkout", 448, 324, 568, 158],
  ["Fulfilment", 256, 498, 760, 152],
];

const CARDS: Readonly<Record<string, readonly [x: number, y: number, shape: Shape, made: string]>> = {
  Storefront: [84, 192, "web", "Next.js · web"],
  "Mobile app": [84, 260, "phone", "iOS, Android"],
  "API gateway": [272, 226, "service", "Go · 6 routes"],
  Identity: [272, 326, "service", "Go · OIDC"],
  Search: [464, 44, "service", "Go · gRPC"],
  Catalog: [464, 112, "service", "Go · gRPC"],
  Cart: [464, 180, "service", "TypeScript"],
  Pricing: [464, 248, "service", "Kotlin"],
  "search-index": [672, 44, "store", "OpenSearch"],
  "catalog-db": [672, 112, "store", "PostgreSQL 16"],
  "cart-cache": [672, 180, "store", "Redis"],
  Promotions: [672, 248, "service", "Kotlin"],
  Recommend: [872, 112, "service", "Python"],
  Checkout: [464, 388, "service", "TypeScript"],
  Payments: [672, 354, "service", "Kotlin · HTTP"],
  Orders: [672, 422, "service", "Kotlin"],
  "Card acquirer": [872, 354, "external", "external"],
  "orders-db": [872, 422, "store", "PostgreSQL 16"],
  Inventory: [464, 528, "service", "Go"],
  "stock-db": [272, 528, "store", "PostgreSQL 16"],
  "order-events": [672, 528, "queue", "Kafka topic"],
  Notifications: [872, 528, "service", "TypeScript"],
  Shipping: [672, 590, "service", "Go"],
  "Carrier API": [872, 590, "external", "external"],
};

/** From, to, and where the line turns when it does. */
const LINES: readonly (readonly [from: string, to: string, turn?: number])[] = [
  ["Storefront", "API gateway", 236],
  ["Mobile app", "API gateway", 236],
  ["API gateway", "Identity"],
  ["API gateway", "Search", 432],
  ["API gateway", "Catalog", 432],
  ["API gateway", "Cart", 432],
  ["API gateway", "Checkout", 432],
  ["Search", "search-index"],
  ["Catalog", "catalog-db"],
  ["Cart", "cart-cache"],
  ["Cart", "Pricing"],
  ["Pricing", "Promotions"],
  ["Recommend", "catalog-db"],
  ["Checkout", "Payments", 632],
  ["Checkout", "Orders", 632],
  ["Payments", "Card acquirer"],
  ["Orders", "orders-db"],
  ["Orders", "order-events"],
  ["order-events", "Inventory"],
  ["Inventory", "stock-db"],
  ["order-events", "Notifications"],
  ["order-events", "Shipping"],
  ["Shipping", "Carrier API"],
];

const LOOK: Readonly<Record<Shape, { fill: string; line: string; corner: number; sign: ReactElement }>> = {
  service: { fill: "--node", line: "--node-line", corner: 6, sign: <path d="m8 2.3 5.2 2.9v5.6L8 13.7l-5.2-2.9V5.2zM2.8 5.2 8 8.1l5.2-2.9M8 8.1v5.6" /> },
  web: { fill: "--node", line: "--node-line", corner: 6, sign: <path d="M2.3 8a5.7 5.7 0 1 0 11.4 0A5.7 5.7 0 1 0 2.3 8zM2.3 8h11.4M8 2.3c3.3 3.5 3.3 8 0 11.4-3.3-3.5-3.3-8 0-11.4z" /> },
  phone: { fill: "--node", line: "--node-line", corner: 6, sign: <path d="M6 2h4a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 10 14H6a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 6 2zM7.3 11.9h1.4" /> },
  store: { fill: "--k-store", line: "--k-store-line", corner: 10, sign: <path d="M3 4c0-2.5 10-2.5 10 0s-10 2.5-10 0v8c0 2.5 10 2.5 10 0V4M3 8c0 2.5 10 2.5 10 0" /> },
  queue: { fill: "--k-queue", line: "--k-queue-line", corner: 6, sign: <path d="M2 5h3.2v6H2zM6.4 5h3.2v6H6.4zM10.8 5H14v6h-3.2z" /> },
  external: { fill: "--k-ext", line: "--node-line", corner: 6, sign: <path d="M3 13 13 3M6.5 3H13v6.5" /> },
};

/** The line from one card to another and the head of its arrow, both as SVG path data. */
function route(from: string, to: string, turn: number | undefined): [line: string, head: string] {
  const [ax, ay] = CARDS[from] ?? [0, 0];
  const [bx, by] = CARDS[to] ?? [0, 0];
  const middle = HEIGHT / 2;
  if (ax === bx) {
    const x = ax + WIDTH / 2;
    return [`M${x} ${ay + HEIGHT}V${by - 4}`, `M${x} ${by}l3.4-5.5h-6.8z`];
  }
  const sign = bx > ax ? 1 : -1;
  const startX = sign > 0 ? ax + WIDTH : ax;
  const endX = sign > 0 ? bx : bx + WIDTH;
  const y1 = ay + middle;
  const y2 = by + middle;
  const head = `M${endX} ${y2}l${-5.5 * sign} 3.4v-6.8z`;
  if (turn === undefined) return [`M${startX} ${y1}H${endX - 4 * sign}`, head];
  const down = y2 > y1 ? 8 : -8;
  const bent = `M${startX} ${y1}H${turn - 8}q8 0 8 ${down}V${y2 - down}q0 ${down} 8 ${down}H${endX - 4}`;
  return [bent, head];
}

export function ExampleDrawing(): ReactElement {
  return (
    <div className="auth-r" aria-hidden="true">
      <svg className="dg" fontFamily="var(--font)" viewBox="0 0 920 900" preserveAspectRatio="xMidYMid meet">
        <g transform="translate(2 150) scale(.86)">
          {FRAMES.map(([name, x, y, width, height]) => (
            <g key={name}>
              <rect x={x + 0.5} y={y + 0.5} width={width - 1} height={height - 1} rx="10" fill="var(--frame)" stroke="var(--line-strong)" />
              <text x={x + 16} y={y + 18} fontSize="11" fontWeight="600" fill="var(--text-3)">
                {name}
              </text>
            </g>
          ))}
          {LINES.map(([from, to, turn]) => {
            const [line, head] = route(from, to, turn);
            return (
              <g key={`${from} ${to}`}>
                <path d={line} fill="none" stroke="var(--edge)" strokeWidth="1.25" />
                <path d={head} fill="var(--edge)" />
              </g>
            );
          })}
          {Object.entries(CARDS).map(([name, [x, y, shape, made]]) => (
            <Card key={name} name={name} x={x} y={y} shape={shape} made={made} />
          ))}
        </g>
      </svg>
      <div className="cap">
        <Icon of={GitBranch} size={14} />
        <span>An example: 24 shapes and 23 edges, each edge with the file and line that proves it.</span>
      </div>
    </div>
  );
}

interface CardProps {
  name: string;
  x: number;
  y: number;
  shape: Shape;
  made: string;
}

function Card({ name, x, y, shape, made }: CardProps): ReactElement {
  const look = LOOK[shape];
  return (
    <g>
      <rect
        x={x + 0.5}
        y={y + 0.5}
        width={WIDTH - 1}
        height={HEIGHT - 1}
        rx={look.corner}
        fill={`var(${look.fill})`}
        stroke={`var(${look.line})`}
        strokeDasharray={shape === "external" ? "4 3" : undefined}
      />
      <g transform={`translate(${x + 10} ${y + 8}) scale(.8125)`} fill="none" stroke="var(--text-3)" strokeWidth="1.4" strokeLinejoin="round" strokeLinecap="round">
        {look.sign}
      </g>
      <text x={x + 28} y={y + 18.5} fontSize="12" fontWeight="600" fill="var(--text)" letterSpacing="-.1">
        {name}
      </text>
      <text x={x + 28} y={y + 33} fontSize="10" fontFamily="var(--mono)" fill="var(--text-3)" letterSpacing="-.25">
        {made}
      </text>
    </g>
  );
}
