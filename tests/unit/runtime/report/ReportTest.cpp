//===- tests/unit/runtime/report/ReportTest.cpp - The page as a whole -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Report.h"
#include "base/AtomicFile.h"
#include "runtime/report/Png.h"
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

using namespace hillock;
using namespace hillock::runtime;

namespace {

constexpr const char *hostile = "<img src=x onerror=\"f()\">";

/// Every string of a report is hostile.
ReportData hostileData() {
  ReportData data;
  data.title = data.subtitle = data.target = data.producer = hostile;
  data.tiles = {{hostile, hostile, hostile}};
  data.raster = {{hostile, {3}, 4, {{0, 0, 1}, {1, 2, 1}}}};
  data.rasterSteps = 4;
  data.rasterNote = hostile;
  data.membranes = {{hostile, {0, 5, -2, 9}, 8.0, {3}}};
  data.chip = {2, 1, 1, {}};
  CoreRow core;
  core.program = hostile;
  core.layers = {hostile};
  core.memories = {{hostile, 1, 2, 64}};
  data.chip.cores = {core};
  LayerRow layer;
  layer.name = layer.kind = layer.location = hostile;
  layer.shape = {3};
  data.layers = {layer};
  data.confusion = {{3, 1}, {0, 4}};
  data.tables = {{hostile, hostile, {{hostile, false}}, {{hostile}}}};
  data.charts = {{hostile,
                  hostile,
                  hostile,
                  hostile,
                  false,
                  true,
                  {{hostile, {{0, 1}, {1, 0.5}}}, {hostile, {{0.5, 0}}}}}};
  data.pictures = {{hostile, hostile, 1, 2, {0, 1}, {-1, 1}}};
  data.pictureNote = hostile;
  data.conventions = {{hostile, hostile, hostile}};
  data.remarks = {hostile};
  return data;
}

size_t count(const std::string &text, const std::string &part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST(Report, NamesCannotBecomeMarkup) {
  const std::string page = renderReport(hostileData());
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_GE(count(page, "&lt;img"), 25u);
}

TEST(Report, NeedsNoNetworkAndNoScript) {
  const std::string page = renderReport(hostileData());
  for (const char *word :
       {"http:", "https:", "<script", "<link", "@import", "url("})
    EXPECT_EQ(page.find(word), std::string::npos) << word;
}

TEST(Report, TagsAreBalanced) {
  const std::string page = renderReport(hostileData());
  for (const char *tag :
       {"svg", "g", "section", "table", "tr", "td", "title", "text", "path",
        "rect", "line", "div", "main", "figure", "image", "circle"}) {
    const std::string open = "<" + std::string(tag);
    EXPECT_EQ(count(page, open + " ") + count(page, open + ">"),
              count(page, "</" + std::string(tag) + ">"))
        << tag;
  }
}

TEST(Report, EqualDataGiveEqualPages) {
  EXPECT_EQ(renderReport(hostileData()), renderReport(hostileData()));
}

TEST(Report, EmptyDataGiveAPage) {
  const std::string page = renderReport({});
  EXPECT_NE(page.find("</html>"), std::string::npos);
  EXPECT_EQ(page.find("<section"), std::string::npos);
}

TEST(Report, LargeRastersAreThinned) {
  ReportData data;
  SpikeTrain train{"all", {1000}, 1000, {}};
  for (uint32_t t = 0; t < 1000; ++t)
    for (uint32_t n = 0; n < 1000; ++n)
      train.events.push_back({t, n, 1});
  data.raster = {train};
  data.rasterSteps = 1000;
  const std::string page = renderReport(data);
  EXPECT_LT(page.size(), 2u << 20);
  EXPECT_NE(page.find("a row is 8 neurons"), std::string::npos);
}

TEST(Report, EveryNeuronOfALargeLayerIsSeen) {
  // One spiking neuron of a layer whose rows hold several.
  for (uint32_t neuron : {0u, 31u, 517u, 4095u}) {
    ReportData data;
    data.raster = {{"layer", {16, 16, 16}, 300, {{7, neuron, 1}}}};
    data.rasterSteps = 300;
    EXPECT_NE(renderReport(data).find("class=\"dots\""), std::string::npos)
        << neuron;
  }
}

TEST(Report, OddNumbersDoNotBreakPlots) {
  ReportData data;
  data.membranes = {{"nan", {0.0 / 0.0, 1.0 / 0.0, 1}, std::nullopt, {7}},
                    {"flat", {0, 0}, 0.0, {}},
                    {"none", {}, std::nullopt, {}}};
  data.raster = {{"empty", {0}, 0, {}}, {"late", {2}, 1, {{9, 1, 1}}}};
  data.rasterSteps = 1;
  const std::string page = renderReport(data);
  EXPECT_EQ(page.find("nan\""), std::string::npos);
  EXPECT_EQ(page.find("inf"), std::string::npos);
}

TEST(Report, ChartsAndPicturesOfOddNumbers) {
  ReportData data;
  const double nan = 0.0 / 0.0, inf = 1.0 / 0.0;
  data.charts = {{"s", "nothing", "x", "y", false, false, {}},
                 {"s", "odd", "x", "y", true, true, {{"c", {{nan, inf}}}}},
                 {"s", "flat", "x", "y", false, false, {{"c", {{1, 1}}}}}};
  data.pictures = {{"odd", "", 1, 2, {nan, -7}, {inf, 9}},
                   {"wrong size", "", 3, 3, {1}, {1}},
                   {"none", "", 0, 0, {}, {}}};
  const std::string page = renderReport(data);
  EXPECT_EQ(page.find("nan\""), std::string::npos);
  EXPECT_EQ(page.find("inf\""), std::string::npos);
  EXPECT_EQ(page.find("wrong size"), std::string::npos);
  // All three charts stand in one section.
  EXPECT_EQ(count(page, "<section"), 2u);
}

TEST(Png, HoldsThePixels) {
  // ISO/IEC 15948: signature, then chunks of length, name, data and CRC.
  const std::vector<uint8_t> pixels = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::string png = pngBytes(2, 1, pixels);
  EXPECT_EQ(png.substr(0, 8), std::string("\x89PNG\r\n\x1a\n"));
  EXPECT_EQ(png.substr(8, 21), std::string("\0\0\0\x0dIHDR\0\0\0\1\0\0\0\2"
                                           "\x08\x06\0\0\0",
                                           21));
  // The end has no data: its CRC is that of its name, a constant of the format.
  EXPECT_EQ(png.substr(png.size() - 12),
            std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12));
  const size_t data = png.find("IDAT");
  ASSERT_NE(data, std::string::npos);
  std::string lines(10, '?');
  uLongf size = lines.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef *>(lines.data()), &size,
                       reinterpret_cast<const Bytef *>(png.data()) + data + 4,
                       static_cast<uLong>(png.size() - data - 4 - 16)),
            Z_OK);
  EXPECT_EQ(lines, std::string("\0\1\2\3\4\0\5\6\7\x08", 10));
}

class WriteReport : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("hillock_report_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(WriteReport, MakesTheFolder) {
  llvm::cantFail(writeReport((folder / "a" / "b").string(), {}));
  EXPECT_TRUE(std::filesystem::exists(folder / "a" / "b" / "index.html"));
  llvm::cantFail(writeReport((folder / "page.html").string(), {}));
  EXPECT_TRUE(std::filesystem::is_regular_file(folder / "page.html"));
}

TEST_F(WriteReport, AFileInTheWayIsAnInputError) {
  llvm::cantFail(writeFile((folder / "file").string(), "x"));
  ErrorKind kind = ErrorKind::Internal;
  const std::string text =
      takeText(writeReport((folder / "file").string(), {}), &kind);
  EXPECT_EQ(kind, ErrorKind::Input);
  EXPECT_NE(text.find("file"), std::string::npos);
}

TEST(Layers, LettersOfAChip) {
  ChipPlan plan{2, 2, 2, {}};
  const auto add = [&](uint32_t x, uint32_t y, uint32_t slot,
                       std::vector<std::string> layers) {
    CoreRow core;
    core.tileX = x;
    core.tileY = y;
    core.slot = slot;
    core.layers = std::move(layers);
    plan.cores.push_back(core);
  };
  add(0, 0, 0, {"one"});
  add(0, 1, 1, {"two"});
  add(1, 0, 1, {"one", "two"});
  add(1, 1, 0, {});
  LayerRow one, two;
  one.name = "one";
  two.name = "two";
  EXPECT_EQ(letterPlan(plan, {one, two}, 0), "  [a.] [.*]\n  [.b] [?.]\n");
  EXPECT_EQ(letterPlan(plan, {one, two}, 1), "  [..] [..]\n  [..] [..]\n");
  EXPECT_EQ(layerLetter(26), 'A');
  EXPECT_EQ(layerLetter(99), '#');
}

TEST(Layers, FullestMemoryIsNoRegister) {
  CoreRow core;
  EXPECT_EQ(core.fullness(), 0);
  core.memories = {{"config", 1, 1, 64}, {"a", 1, 4, 64}, {"b", 3, 4, 64}};
  EXPECT_EQ(core.fullest()->memory, "b");
  EXPECT_DOUBLE_EQ(core.fullness(), 0.75);
}

} // namespace
