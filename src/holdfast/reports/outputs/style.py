"""How the page of a checked report looks: light and dark, on paper and on a telephone; pure."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root{color-scheme:light dark;--ink:#1a1a1a;--soft:#555;--line:#d5d2cb;--page:#fff;--card:#faf9f6;
--yes:#0a6640;--no:#a8201a;--open:#6b5200;--yes-bg:#e3f3ea;--no-bg:#fbe5e3;--open-bg:#f7efd6}
@media (prefers-color-scheme:dark){:root{--ink:#e8e6e1;--soft:#aaa59b;--line:#44413b;--page:#191816;--card:#22211e;
--yes:#7fd6a8;--no:#ff9d94;--open:#e5c667;--yes-bg:#15301f;--no-bg:#3d1815;--open-bg:#332a0c}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);margin:0 auto;max-width:78rem;padding:1.5rem}
h1,h2,h3{line-height:1.2;overflow-wrap:anywhere}h1{font-size:1.7rem;margin:.2rem 0 .6rem}h2{font-size:1.25rem;margin:2rem 0 .6rem}
a{color:inherit}p{margin:.4rem 0}.soft{color:var(--soft);font-size:.875rem}
.sum{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;margin:.8rem 0;list-style:none}.sum li{padding:.2rem .7rem;border-radius:1rem}
.yes{color:var(--yes);background:var(--yes-bg)}.no{color:var(--no);background:var(--no-bg)}.open{color:var(--open);background:var(--open-bg)}
.word{font-weight:700;white-space:nowrap}.sign{display:inline-block;min-width:1.5em;height:1.5em;line-height:1.36em;text-align:center;border:.12em solid;
font-weight:700;font-size:.85em}.yes .sign,.sign.yes{border-radius:50%}.no .sign,.sign.no{border-radius:0}
.open .sign,.sign.open{border-style:dashed;border-radius:.3em}
.how{border:1px solid var(--line);border-radius:.5rem;padding:.4rem 1rem .8rem;background:var(--card)}.how h2{margin:.6rem 0}
.how dt{margin-top:.5rem}.how dd{margin:.1rem 0 0 0}.how dt .tag{padding:.1rem .5rem;border-radius:1rem}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;font-size:.875rem}.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
.part{display:grid;grid-template-columns:minmax(0,11fr) minmax(0,10fr);gap:0 2rem;border-top:1px solid var(--line);padding:.7rem 0}
.text{font:1.06rem/1.6 Georgia,serif;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
mark{background:none;color:inherit;text-decoration-line:underline;text-decoration-thickness:.12em;text-underline-offset:.2em}
mark.yes{background:var(--yes-bg);text-decoration-color:var(--yes)}
mark.no{background:var(--no-bg);text-decoration-style:double;text-decoration-color:var(--no)}
mark.open{background:var(--open-bg);text-decoration-style:dotted;text-decoration-color:var(--open)}
sup{line-height:0;unicode-bidi:isolate}sup a{font:700 .72rem/1 system-ui,sans-serif;text-decoration:none;padding:.1em .4em;border:.1em solid;margin:0 .1em}
sup.yes a{border-radius:1em}sup.no a{border-radius:0;border-style:double;border-width:.2em}sup.open a{border-style:dashed;border-radius:.3em}
sup.yes,sup.no,sup.open{background:none}
@media screen and (min-width:52rem){.text{position:sticky;top:.7rem;align-self:start}}
.claim{font-weight:600;margin:.25rem 0}.cards{list-style:none;padding:0;margin:0}
.card{background:var(--card);border:1px solid var(--line);border-left:.3rem solid;border-radius:.4rem;padding:.5rem .8rem .6rem;margin-bottom:.6rem;
font-size:.9rem;overflow-wrap:anywhere;break-inside:avoid}
.card.yes{border-left-color:var(--yes)}.card.no{border-left:.45rem double var(--no)}.card.open{border-left:.3rem dashed var(--open)}
.card.yes,.card.no,.card.open{color:var(--ink);background:var(--card)}
.top{display:flex;flex-wrap:wrap;gap:.2rem .6rem;align-items:baseline}.top .tag{padding:.05rem .5rem;border-radius:1rem}
.top .num{font-weight:700;font-size:1.05rem}
.card dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1rem .7rem;margin:.3rem 0 0}.card dt{color:var(--soft)}.card dd{margin:0}
blockquote{margin:.3rem 0 0;padding-left:.7rem;border-left:.15rem solid var(--line);font-family:Georgia,serif}
.receipts{font-size:.8rem;color:var(--soft);margin:.4rem 0 0;padding-left:1.1rem}
.beside{border-collapse:collapse;width:100%;font-size:.9rem}.beside td,.beside th{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;
vertical-align:top;overflow-wrap:anywhere}.beside th{background:var(--card)}.beside .told td{border-top:0;border-bottom:0;color:var(--soft)}
.beside .told.no td{color:var(--no);background:var(--no-bg)}
footer{margin-top:2rem;border-top:1px solid var(--line);padding-top:.6rem}
@media (max-width:52rem){body{padding:.8rem}.part{display:block}.text{margin-bottom:.6rem}.facts,.card dl{display:block}.facts dt,.card dt{margin-top:.3rem}
.beside thead{display:none}.beside,.beside tbody,.beside tr,.beside td{display:block;width:100%}.beside td{border-bottom:0}}
@media print{:root{--ink:#000;--soft:#333;--line:#999;--page:#fff;--card:#fff;--yes:#064d2f;--no:#8a1511;--open:#4d3b00;
--yes-bg:#fff;--no-bg:#fff;--open-bg:#fff}body{max-width:none;padding:0;font-size:9.5pt}.text{font-size:10.5pt}
.part{grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 1.2rem}.how,.card{break-inside:avoid}h2{break-after:avoid}a{text-decoration:none}}
""".replace("\n", "")
