//===- tests/unit/runtime/report/CycleSectionsTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sections of time and energy, of the example that docs/timing.md computes
// by hand.
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Report.h"
#include "tests/unit/emulator/engine/TestImages.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::runtime;
using namespace hillock::test;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char *hostile = "<img src=x onerror=\"f()\">";

/// Core 0 has three compartments, of which the second fires in every step and
/// sends to core 16 on the next tile.
emu::CycleReport example(const std::string &layer, int steps) {
  auto image = emptyImage();
  image->programs = {leakyProgram(3, 50)};
  image::CoreTables a = plainCore(0, 0, 3), b = plainCore(0, 16, 2);
  a.compartmentFields["bias_mant"] = {1, 100, 1};
  b.formats = {halfFormat(image::Compression::Dense)};
  image::AxonOut slot;
  slot.core = 16;
  slot.axon = addAxon(b, 0, {0, 1}, {10, 10});
  addSlots(a, 1, {slot});
  image->cores = {a, b};
  proto::Population *population =
      image->proto.mutable_debug()->add_population();
  population->set_name(layer);
  for (uint32_t n = 0; n < 3; ++n) {
    population->add_core(0);
    population->add_compartment(n);
  }
  auto engine = cycleEngine(image);
  for (int t = 0; t < steps; ++t)
    engine->step();
  return reportOf(*engine);
}

std::string pageOf(const emu::CycleReport &report) {
  ReportData data;
  data.timeLine = data.cycles = report;
  return renderReport(data);
}

TEST(CycleSections, NumbersOfTheExample) {
  const std::string page = pageOf(example("first", 1));
  EXPECT_THAT(page, HasSubstr("<b>davies2018</b>"));
  EXPECT_THAT(page, HasSubstr("143 ns")); // work and the shorter barrier
  EXPECT_THAT(page, HasSubstr("495 ns")); // with the longer one
  EXPECT_THAT(page, HasSubstr("398.9 pJ"));
  EXPECT_THAT(page, HasSubstr("1.082 us"));
  EXPECT_THAT(page, HasSubstr("575.1 pJ"));
  EXPECT_THAT(page, HasSubstr("The sets disagree: 143 ns to 1.082 us and "
                              "398.9 pJ to 575.1 pJ."));
  EXPECT_THAT(page, HasSubstr("247.7 pJ")); // of layer "first"
  EXPECT_THAT(page, HasSubstr("tile (0,0) east, 1 message of 1 hop"));
  for (const char *section :
       {"Time and energy", "Time line", "Energy by layer and kind",
        "Hottest cores", "Links"})
    EXPECT_THAT(page, HasSubstr(">" + std::string(section) + "</h2>"));
}

TEST(CycleSections, AMeanOfSamples) {
  emu::CycleReport sum = example("first", 1);
  const emu::CycleReport one = sum;
  sum.add(one);
  ReportData data;
  data.timeLine = one;
  data.cycles = sum;
  const std::string page = renderReport(data);
  EXPECT_THAT(page, HasSubstr("143 ns"));
  EXPECT_THAT(page, HasSubstr("398.9 pJ a sample"));
  EXPECT_THAT(page, HasSubstr("The first sample."));
}

TEST(CycleSections, ManyStepsShareColumns) {
  const std::string page = pageOf(example("first", 3000));
  EXPECT_THAT(page, HasSubstr("Several steps share a column"));
  EXPECT_LT(page.size(), 400'000u);
}

TEST(CycleSections, NamesCannotBecomeMarkup) {
  emu::CycleReport report = example(hostile, 3);
  for (emu::SetReport &set : report.sets) {
    set.costs.name = set.costs.source = hostile;
    set.notes = {hostile};
  }
  EXPECT_THAT(pageOf(report), Not(HasSubstr("<img")));
}

TEST(CycleSections, NoTimesNoSections) {
  EXPECT_THAT(renderReport({}), Not(HasSubstr("Hottest cores")));
}

} // namespace
