/// The page's style: calm, readable from a phone to a wall screen, in light and dark.
enum StyleSheet {
    static let text = colours + frame + verdict + figures + tables + narrow

    private static let colours = """
        :root { color-scheme: light dark;
          --ground: #f6f7f9; --sheet: #fff; --ink: #1b2430; --quiet: #5a6675; --line: #dfe3e8;
          --good: #14683d; --good-ground: #e4f4ea; --bad: #a61b12; --bad-ground: #fde9e7; --doubt: #7a5200; --doubt-ground: #fdf3dc;
          --link: #0b5cad; --bar: #2a78c6; }
        @media (prefers-color-scheme: dark) { :root {
          --ground: #11161c; --sheet: #1a2129; --ink: #e6eaef; --quiet: #9ba8b7; --line: #2d3742;
          --good: #7fdba6; --good-ground: #12301f; --bad: #ff9d94; --bad-ground: #3c1714; --doubt: #f0c674; --doubt-ground: #33270d;
          --link: #7fb8f2; --bar: #5aa2ea; } }

        """

    private static let frame = """
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
        header, main, footer { max-width: 88rem; margin: 0 auto; padding: 0 1.25rem; }
        header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1.5rem; padding-top: 1.25rem; }
        h1 { margin: 0; font-size: 1.25rem; font-weight: 600; }
        h1 bdi { color: var(--quiet); font-weight: 400; margin-left: .4rem; overflow-wrap: anywhere; }
        h2 { margin: 0 0 .6rem; font-size: 1rem; font-weight: 600; }
        .when { margin: 0; color: var(--quiet); font-size: .875rem; }
        a { color: var(--link); }
        a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        section, .panels { margin: 0 0 1.25rem; }
        dl, dd, ul { margin: 0; padding: 0; }
        .more, .summary { margin: 0; color: var(--quiet); font-size: .875rem; }
        .summary { margin: 0 0 .6rem; }
        .more:empty, ul:empty { display: none; }
        footer { color: var(--quiet); font-size: .875rem; padding-bottom: 1.5rem; }

        """

    private static let verdict = """
        .verdict { margin: 1rem 0; padding: .9rem 1.1rem; border-radius: .6rem; border-left: .4rem solid; }
        .verdict p { margin: 0; overflow-wrap: anywhere; }
        .verdict strong { font-size: 1.1rem; margin-right: .3rem; }
        .verdict ul { margin: .4rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
        .verdict.healthy { background: var(--good-ground); border-color: var(--good); }
        .verdict.problem { background: var(--bad-ground); border-color: var(--bad); }
        .verdict.healthy strong { color: var(--good); }
        .verdict.problem strong { color: var(--bad); }
        .verdict strong::before { content: "✓ " / ""; }
        .verdict.problem strong::before { content: "▲ " / ""; }
        .notices { margin: 0 0 1rem; padding-left: 1.2rem; color: var(--quiet); font-size: .875rem; overflow-wrap: anywhere; }

        """

    private static let figures = """
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; }
        .tiles > div, .panels > section { background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
        .tiles dt { color: var(--quiet); font-size: .875rem; }
        .tiles dd { font-size: 1.6rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
        .tiles dd.note { font-size: .8125rem; line-height: 1.4; font-weight: 400; color: var(--quiet); }
        .tiles .problem dd:not(.note), .panels .problem dd { color: var(--bad); }
        .tiles .doubt dd:not(.note) { color: var(--doubt); }
        .balance { margin: .6rem 0 0; color: var(--quiet); font-size: .875rem; font-variant-numeric: tabular-nums; }
        .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem; }
        .panels > section { margin: 0; }
        .panels dl > div { display: flex; justify-content: space-between; gap: 1rem; padding: .2rem 0; font-size: .875rem; }
        .panels dt { color: var(--quiet); white-space: nowrap; }
        .panels dd { text-align: right; font-variant-numeric: tabular-nums; }

        """

    private static let tables = """
        table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--sheet); border: 1px solid var(--line);
          border-radius: .6rem; overflow: hidden; font-size: .875rem; }
        th, td { padding: .45rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
        thead th { border-top: 0; color: var(--quiet); font-weight: 500; font-size: .8125rem; white-space: nowrap; }
        tbody th { font-weight: 500; overflow-wrap: anywhere; }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        td.error { max-width: 28rem; overflow-wrap: anywhere; color: var(--bad); }
        tr.problem > :first-child { box-shadow: inset .25rem 0 var(--bad); }
        tr.doubt > :first-child { box-shadow: inset .25rem 0 var(--doubt); }
        tr.problem td.failed { color: var(--bad); font-weight: 600; }
        .phase { white-space: nowrap; padding: .05rem .5rem; border-radius: 1rem; background: var(--ground); border: 1px solid var(--line); }
        .phase.live, .phase.closed { background: var(--good-ground); color: var(--good); border-color: transparent; }
        .phase.paused { background: var(--doubt-ground); color: var(--doubt); border-color: transparent; }
        progress { appearance: none; width: 6rem; height: .5rem; border: 0; border-radius: 1rem; background: var(--line); margin-right: .5rem;
          vertical-align: middle; }
        progress::-webkit-progress-bar { background: var(--line); border-radius: 1rem; }
        progress::-webkit-progress-value { background: var(--bar); border-radius: 1rem; }
        progress::-moz-progress-bar { background: var(--bar); border-radius: 1rem; }

        """

    /// A row becomes a block: its head, then each cell with its name before it; empty cells go.
    private static let narrow = """
        @media (max-width: 48rem) {
          header, main, footer { padding-left: .9rem; padding-right: .9rem; }
          header { padding-top: .9rem; }
          .tiles { grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
          thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          table, tbody, tbody th { display: block; }
          tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; padding: .6rem .9rem; border-top: 1px solid var(--line); }
          tbody th, td[data-name="State"], td[data-name="Cut over"], td.error { grid-column: 1 / -1; }
          tbody tr:first-child { border-top: 0; }
          tr.problem { box-shadow: inset .25rem 0 var(--bad); }
          tr.doubt { box-shadow: inset .25rem 0 var(--doubt); }
          tr.problem > :first-child, tr.doubt > :first-child { box-shadow: none; }
          th, td, td.n { border: 0; padding: .1rem 0; text-align: left; max-width: none; }
          tbody th { font-weight: 600; padding-bottom: .2rem; }
          td { display: flex; gap: .75rem; align-items: baseline; }
          td::before { content: attr(data-name); flex: 0 0 5rem; color: var(--quiet); }
          td:has(bdi:empty) { display: none; }
        }

        """
}
