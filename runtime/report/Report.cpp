//===- runtime/report/Report.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Report.h"
#include "base/AtomicFile.h"
#include "runtime/report/Html.h"
#include "runtime/report/Sections.h"
#include <filesystem>

namespace hillock::runtime {

namespace {

// Colours are variables, so that a dark page differs in them alone.
constexpr const char *styleSheet = R"css(
:root{--bg:#f6f7f9;--card:#fff;--ink:#1c2330;--soft:#5d6878;--line:#e1e5eb;
--grid:#eef0f4;--cell:#eceff3;--accent:#2563b8;--warm:#c2561b;--on:#fff}
@media (prefers-color-scheme:dark){:root{--bg:#12161d;--card:#1a202a;
--ink:#e6eaf0;--soft:#97a3b4;--line:#2b3442;--grid:#232b37;--cell:#252d39;
--accent:#6aa5f2;--warm:#ef9157;--on:#0d1219}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",
"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1160px;margin:0 auto;padding:32px 20px 48px}
h1{font-size:26px;line-height:1.2;margin:0;font-weight:650;
overflow-wrap:anywhere}
h2{font-size:16px;margin:0 0 10px;font-weight:650}
header p{margin:4px 0 0;color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:18px 20px;margin-top:16px}
.tiles{display:grid;gap:12px;margin-top:20px;
grid-template-columns:repeat(auto-fit,minmax(165px,1fr))}
.tilebox{background:var(--card);border:1px solid var(--line);
border-radius:10px;padding:12px 16px}
.label,.small,.note,footer{color:var(--soft);font-size:13px}
.value{font-size:24px;font-weight:650;line-height:1.35}
.note{margin:0 0 10px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th{font-weight:500;color:var(--soft);font-size:13px}
th,td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid
var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
th.n,td.n{text-align:right;white-space:nowrap}
ul{margin:0;padding-left:20px}li{margin:3px 0;overflow-wrap:anywhere}
svg{display:block;max-width:100%;height:auto}
svg.chip{margin-top:14px}
text{font-size:12px;fill:var(--ink)}
.axis{fill:var(--soft)}.mid{text-anchor:middle}.end{text-anchor:end}
.warm{fill:var(--warm);paint-order:stroke;stroke:var(--card);stroke-width:4px}
.band{font-size:13px;font-weight:600}
.frame{fill:none;stroke:var(--line)}
.grid{stroke:var(--grid)}
.dots{stroke:var(--accent);stroke-linecap:round;fill:none}
.trace{stroke:var(--accent);stroke-width:1.5;fill:none;stroke-linejoin:round}
.threshold{stroke:var(--warm);stroke-dasharray:5 4}
.spike{stroke:var(--warm);stroke-width:1.6}
.link{stroke:var(--line);stroke-width:2}
.tile{fill:var(--card);stroke:var(--line)}
.free{fill:var(--cell)}
.core,.good{fill:var(--accent)}.bad{fill:var(--warm)}
.letter{text-anchor:middle;font-weight:600}
.light{fill:var(--on)}
.k0{fill:#0072b2}.k1{fill:#56b4e9}.k2{fill:#cc79a7}.k3{fill:#009e73}
.k4{fill:#bfa800}.k5{fill:#e69f00}.k6{fill:#8a8f98}.k7{fill:#d55e00}
.flow{stroke:var(--warm);stroke-linecap:butt}
.edge{stroke:var(--soft);stroke-dasharray:4 4}
.pair{display:grid;gap:16px 20px;
grid-template-columns:repeat(auto-fill,minmax(440px,1fr))}
.gallery{display:grid;gap:18px 22px;
grid-template-columns:repeat(auto-fill,minmax(320px,1fr))}
.gallery svg{border:1px solid var(--line);border-radius:4px}
figure{margin:0}figcaption{font-size:14px;font-weight:600;margin:0 0 6px}
figure p{margin:6px 0 0}
.pixels{image-rendering:pixelated}.faint{opacity:.3}
.c0{stroke:#0072b2;fill:#0072b2}.c1{stroke:#d55e00;fill:#d55e00}
.c2{stroke:#009e73;fill:#009e73}.c3{stroke:#cc79a7;fill:#cc79a7}
path.curve{fill:none;stroke-width:2;stroke-linejoin:round}
h3{font-size:14px;margin:16px 0 6px;font-weight:600}
footer{margin-top:20px}
)css";

std::string section(std::string_view title, const std::string &content) {
  if (content.empty())
    return "";
  return html::element("section", {},
                       html::element("h2", {}, html::escape(title)) + content) +
         "\n";
}

std::string header(const ReportData &data) {
  using namespace html;
  std::string about = data.subtitle;
  if (!data.target.empty())
    about += (about.empty() ? "target " : " \xC2\xB7 target ") + data.target;
  const std::string title = data.title.empty() ? "network" : data.title;
  return element("header", {},
                 element("h1", {}, escape(title)) +
                     element("p", {}, escape(about))) +
         "\n";
}

} // namespace

std::string renderReport(const ReportData &data) {
  using namespace html;
  std::string body = header(data);
  if (const std::string tiles = tilesSection(data); !tiles.empty())
    body += element("div", {{"class", "tiles"}}, tiles) + "\n";
  body += section("Spikes", rasterSection(data));
  body += section("Membranes", membraneSection(data));
  body += section("Time and energy", timingSection(data));
  body += section("Time line", timeLineSection(data));
  body += section("Energy by layer and kind", energySection(data));
  body += section("Hottest cores", hotCoreSection(data));
  body += section("Links", linkSection(data));
  body += section("Layers", layerSection(data));
  for (const ReportTable &table : data.tables)
    body += section(table.title, tableSection(table));
  body += section("Chip", chipSection(data));
  body += section("Confusion matrix", confusionSection(data));
  std::string previous;
  for (const ReportChart &chart : data.charts)
    if (chart.section != previous)
      body +=
          section(previous = chart.section, chartSection(data, chart.section));
  body += section("What decisions rest on", pictureSection(data));
  body += section("Conventions", conventionSection(data));
  body += section("Remarks", remarkSection(data));
  body += element("footer", {},
                  escape(data.producer.empty() ? "Hillock" : data.producer));
  const std::string title =
      data.title.empty() ? "Hillock report" : data.title + " - Hillock report";
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, "
         "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
         "dark\">\n" +
         element("title", {}, escape(title)) + "<style>" + styleSheet +
         "</style></head>\n<body>" + element("main", {}, body) +
         "</body></html>\n";
}

Error writeReport(const std::string &path, const ReportData &data) {
  namespace fs = std::filesystem;
  fs::path file = path;
  if (file.extension() != ".html") {
    std::error_code code;
    fs::create_directories(file, code);
    if (code)
      return inputError("the folder cannot be made: " + code.message(), path,
                        "choose another place for the report");
    file /= "index.html";
  }
  return writeFile(file.string(), renderReport(data));
}

} // namespace hillock::runtime
