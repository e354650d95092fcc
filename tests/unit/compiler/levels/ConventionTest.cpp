//===- tests/unit/compiler/levels/ConventionTest.cpp ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `--convention NAME` promises: the imported network spikes as that tool's
// published trace (NIR paper, Pedersen et al. 2024).
//
//===----------------------------------------------------------------------===//
#include "base/Csv.h"
#include "base/Npy.h"
#include "compiler/frontend/Frontend.h"
#include "compiler/reference/Interpreter.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace hillock;
using namespace mlir;

namespace {

struct Case {
  const char *convention;
  const char *trace;
  double dt;     ///< 0: from the file
  int64_t shift; ///< the trace is this many steps later than ours
  void describe(std::ostream &os) const { os << convention; }
};
void PrintTo(const Case &c, std::ostream *os) { c.describe(*os); }

std::string data(const std::string &file) {
  const char *folder = std::getenv("HILLOCK_DATA");
  return folder ? std::string(folder) + "/" + file : std::string();
}

/// Spikes of a population as (step, neuron), under a tool's habits.
std::vector<std::pair<int64_t, int64_t>>
spikes(const std::string &file, const Case &c,
       const std::vector<reference::Event> &stimulus, int64_t steps,
       const std::string &population) {
  MLIRContext context;
  context.loadDialect<snn::SnnDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  frontend::Options options;
  options.convention = c.convention;
  if (c.dt > 0)
    options.dt = c.dt;
  auto imported = frontend::importFile(file, options, *module);
  if (!imported) {
    ADD_FAILURE() << takeText(imported.takeError());
    return {};
  }
  reference::RunOptions run;
  run.steps = steps;
  run.probes = {population};
  auto trace = reference::run(
      imported->network,
      {{imported->network.inputs().front().getName().str(), stimulus}}, run);
  if (!trace) {
    ADD_FAILURE() << takeText(trace.takeError());
    return {};
  }
  std::vector<std::pair<int64_t, int64_t>> result;
  for (const reference::Event &event : trace->probe(population)->events)
    if (event.step + c.shift < steps)
      result.emplace_back(event.step + c.shift, event.neuron);
  return result;
}

class Lif : public testing::TestWithParam<Case> {};
class Braille : public testing::TestWithParam<Case> {};

} // namespace

TEST_P(Lif, SpikesAsTheTool) {
  if (data("").empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  auto table = readCsv(data(std::string("nir/01_lif/") + GetParam().trace));
  ASSERT_TRUE(bool(table)) << takeText(table.takeError());
  std::vector<double> values = table->values.toDoubles();
  std::vector<reference::Event> stimulus;
  std::vector<std::pair<int64_t, int64_t>> expected;
  for (int64_t t = 0; t < table->values.shape[0]; ++t) {
    if (values[t * 3] != 0)
      stimulus.push_back({t, 0, 1});
    if (values[t * 3 + 2] != 0)
      expected.emplace_back(t, 0);
  }
  ASSERT_EQ(stimulus.size(), 34u);
  EXPECT_EQ(spikes(data("nir/01_lif/lif_norse.nir"), GetParam(), stimulus,
                   table->values.shape[0], "1"),
            expected);
}

INSTANTIATE_TEST_SUITE_P(
    Platforms, Lif,
    testing::Values(Case{"norse", "lif_norse.csv", 1e-4, 0},
                    Case{"snntorch", "lif_snntorch.csv", 1e-4, 0},
                    Case{"nir", "lif_spinnaker2.csv", 1e-4, 0},
                    Case{"sinabs", "lif_sinabs.csv", 1e-4, 0},
                    Case{"rockpool", "lif_rockpool.csv", 1e-4, 0},
                    Case{"spyx", "lif_spyx.csv", 1e-4, 0}));

TEST_P(Braille, HiddenSpikesAsTheTool) {
  if (data("").empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  auto input = readNpy(data("braille/ds_test_sample0_input.npy"));
  ASSERT_TRUE(bool(input)) << takeText(input.takeError());
  auto activity = readNpy(data(std::string("nir/03_rnn/") + GetParam().trace));
  ASSERT_TRUE(bool(activity)) << takeText(activity.takeError());
  auto events = [](const NdArray &array) {
    std::vector<std::pair<int64_t, int64_t>> list;
    std::vector<double> values = array.toDoubles();
    for (size_t i = 0; i < values.size(); ++i)
      if (values[i] != 0)
        list.emplace_back(i / array.shape.back(), i % array.shape.back());
    return list;
  };
  std::vector<reference::Event> stimulus;
  for (auto [t, n] : events(*input))
    stimulus.push_back({t, n, 1});
  EXPECT_EQ(spikes(data("nir/03_rnn/braille_noDelay_bias_zero.nir"), GetParam(),
                   stimulus, 256, "lif1.lif"),
            events(*activity));
}

INSTANTIATE_TEST_SUITE_P(
    Platforms, Braille,
    testing::Values(Case{"snntorch", "snntorch_activity_noDelay_bias_zero.npy",
                         0, 0},
                    Case{"norse", "norse_activity_noDelay_bias_zero.npy", 0, 0},
                    Case{"spyx", "spyx_activity_noDelay_bias_zero.npy", 0, 1}));
