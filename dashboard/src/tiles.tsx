// Numbers at a glance.
interface Tile {
  name: string;
  value: string;
  more: string;
  bad?: boolean;
}

export function Tiles(props: { tiles: Tile[] }) {
  return (
    <dl class="tiles">
      {props.tiles.map((t) => (
        <div key={t.name} class={`tile ${t.bad ? "bad" : ""}`}>
          <dt>{t.name}</dt>
          <dd>{t.value}</dd>
          <dd>{t.more}</dd>
        </div>
      ))}
    </dl>
  );
}
