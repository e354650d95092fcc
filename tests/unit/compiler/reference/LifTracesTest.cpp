//===- tests/unit/compiler/reference/LifTracesTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The LIF neuron of the NIR paper (Pedersen et al. 2024, figure 2): one neuron,
// 34 input spikes, 1000 steps, recorded on eleven platforms. Each published
// trace is reproduced by spelling out the conventions of its platform.
//
//===----------------------------------------------------------------------===//
#include "base/Csv.h"
#include "tests/unit/compiler/reference/Networks.h"
#include "llvm/ADT/STLExtras.h"

using namespace hillock;
using namespace hillock::reference;
using namespace hillock::reference::test;
using snn::Integrator;
using snn::Order;
using snn::Reset;

namespace {

/// Columns of a published file: input spike, voltage, output spike.
struct Published {
  std::vector<Event> input;
  std::vector<double> voltage;
  std::vector<int64_t> spikes;
};

Published readTrace(const std::string &platform) {
  CsvTable table =
      need(readCsv(dataFile("nir/01_lif/lif_" + platform + ".csv")));
  Published published;
  std::vector<double> values = table.values.toDoubles();
  for (size_t t = 0; t < values.size() / 3; ++t) {
    // Sinabs' file has the input scaled by its gain.
    if (values[3 * t] != 0)
      published.input.push_back({int64_t(t), 0, 1});
    published.voltage.push_back(values[3 * t + 1]);
    if (values[3 * t + 2] != 0)
      published.spikes.push_back(int64_t(t));
  }
  return published;
}

struct Platform {
  const char *name;
  Convention convention = {};
  bool singlePrecision = false;
  int64_t shift = 0;    ///< recorded so many steps later than ours
  double unit = 1;      ///< recorded voltage of 1 V
  double tolerance = 0; ///< of the recorded voltage
  int64_t until = 1000; ///< the voltage is compared before this step
};

std::vector<int64_t> stepsOf(const Recording &recording, int64_t shift) {
  std::vector<int64_t> steps;
  for (const Event &event : recording.events)
    steps.push_back(event.step + shift);
  return steps;
}

double worst(const std::vector<double> &ours, const std::vector<double> &theirs,
             const Platform &platform) {
  double most = 0;
  for (int64_t t = platform.shift; t < platform.until; ++t)
    most = std::max(
        most, std::abs(ours[t - platform.shift] * platform.unit - theirs[t]));
  return most;
}

class LifTraces : public testing::TestWithParam<Platform> {};

TEST_P(LifTraces, SpikesAndVoltage) {
  HILLOCK_NEED_DATA();
  const Platform &platform = GetParam();
  Published published = readTrace(platform.name);
  ASSERT_EQ(published.input.size(), 34u);
  Network net(1e-4, platform.singlePrecision);
  // The graph stores its parameters as floats.
  mlir::Value current = net.dense(net.input({1}), 1, {1});
  net.output(net.neurons(snn::Kind::Lif, current,
                         {{"tau_mem", {double(0.0025f)}},
                          {"r", {1}},
                          {"v_leak", {0}},
                          {"v_threshold", {double(0.1f)}},
                          {"v_reset", {0}}},
                         platform.convention, "lif"));
  Trace trace = net.run(published.input, 1000, {"lif:voltage"});
  ASSERT_EQ(trace.outputs.size(), 1u);
  EXPECT_EQ(stepsOf(trace.outputs[0], platform.shift), published.spikes);
  EXPECT_LE(worst(trace.probes[0].dense(), published.voltage, platform),
            platform.tolerance);
}

// The tolerances say how far a platform's own arithmetic is from the form: none
// for the same single precision operations in the same order. The reference
// "exact" and Nengo place the reset inside of a step, so only Nengo's voltage,
// which stays at 0 for the rest of that step, can be compared throughout.
// SpiNNaker2's weight is rounded to 8 bits.
const Platform platforms[] = {
    {.name = "norse", .tolerance = 5e-8},
    {.name = "lava_cpu_float", .shift = 1, .tolerance = 5e-8},
    {.name = "sinabs",
     .convention = {.integrator = Integrator::DecayExpGainEuler,
                    .reset = Reset::Subtract},
     .singlePrecision = true},
    {.name = "rockpool",
     .convention = {.integrator = Integrator::DecayExpGainEuler,
                    .reset = Reset::Subtract},
     .singlePrecision = true,
     .tolerance = 4e-9},
    {.name = "spyx",
     .convention = {.order = Order::FireIntegrate, .reset = Reset::SnnTorch},
     .singlePrecision = true},
    {.name = "exact",
     .convention = {.integrator = Integrator::Exact},
     .tolerance = 1e-7,
     .until = 460},
    {.name = "nengo",
     .convention = {.integrator = Integrator::Exact, .reset = Reset::Zero},
     .unit = 10,
     .tolerance = 2e-7},
    {.name = "snntorch",
     .convention = {.reset = Reset::Zero},
     .unit = 25,
     .tolerance = 1e-6},
    {.name = "spinnaker2",
     .convention = {.reset = Reset::Zero},
     .unit = 25,
     .tolerance = 5e-4}};

INSTANTIATE_TEST_SUITE_P(Platforms, LifTraces, testing::ValuesIn(platforms),
                         [](const testing::TestParamInfo<Platform> &info) {
                           return std::string(info.param.name);
                         });

/// The integer form: v = v (4096 - 163) / 4096 + 640 x, spike v > 1600.
Trace runInteger(const std::vector<Event> &input) {
  Network net(1e-4);
  mlir::Value x = net.input({1});
  auto weight = mlir::DenseElementsAttr::get(
      mlir::RankedTensorType::get({1, 1}, net.builder.getI16Type()),
      llvm::ArrayRef<int16_t>{10});
  auto format = snn::FormatAttr::get(&net.context, 8, 6, snn::Sign::Mixed);
  mlir::Value current = snn::DenseOp::create(
      net.builder, net.builder.getUnknownLoc(), net.current({1}, true), x,
      weight, mlir::ElementsAttr(), format);
  net.output(net.population("lif", current,
                            {{"factor_v", 4096 - 163},
                             {"bias", 0},
                             {"vth", 1600},
                             {"v_reset", 0},
                             {"reset_mode", 0},
                             {"refract_delay", 0}},
                            {}, "lif"));
  return net.run(input, 1000, {"lif:v"});
}

TEST(LifTracesInteger, LavaFixedPoint) {
  HILLOCK_NEED_DATA();
  Published published = readTrace("lava_cpu_fixed");
  Trace trace = runInteger(published.input);
  ASSERT_EQ(trace.outputs.size(), 1u);
  EXPECT_EQ(stepsOf(trace.outputs[0], 1), published.spikes);
  Platform platform{.name = "lava_cpu_fixed", .shift = 1};
  EXPECT_EQ(worst(trace.probes[0].dense(), published.voltage, platform), 0);
}

TEST(LifTracesInteger, LoihiChip) {
  HILLOCK_NEED_DATA();
  Published published = readTrace("lava_loihi_fixed");
  Trace trace = runInteger(published.input);
  ASSERT_EQ(trace.outputs.size(), 1u);
  EXPECT_EQ(stepsOf(trace.outputs[0], 1), published.spikes);
  // A chip that is read in the step of a spike shows its refractory counter.
  for (int64_t t : published.spikes) {
    EXPECT_EQ(published.voltage[t], 128);
    published.voltage[t] = 0;
  }
  Platform platform{.name = "lava_loihi_fixed", .shift = 1};
  EXPECT_EQ(worst(trace.probes[0].dense(), published.voltage, platform), 0);
}

} // namespace
