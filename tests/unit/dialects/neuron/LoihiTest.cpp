//===- tests/unit/dialects/neuron/LoihiTest.cpp - Loihi traces ------------===//
//===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Traces of 200 steps that nengo-loihi's emulator and Lava's fixed-point
// processes wrote (loihi/README.md of the data folder). Entry i of a trace is
// the state after step i + 1; a spike that enters at step t is added at t + 1.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/dialects/neuron/TestModel.h"

#include <algorithm>
#include <bit>

using namespace hillock::neuron::test;
using nlohmann::json;

namespace {
constexpr int steps = 200;

// The sum of the weights that arrive in each step; weight \p key of a synapse.
std::vector<int32_t> arrivals(const json &testCase, const char *key) {
  std::vector<int32_t> sums(steps);
  for (const json &synapse : testCase.at("synapses"))
    for (const int at : synapse.at("input_spike_steps"))
      if (at < steps)
        sums[static_cast<size_t>(at)] += synapse.at(key).get<int32_t>();
  return sums;
}

int64_t at(const json &trace, const char *name, int step) {
  return trace.at(name).at(static_cast<size_t>(step)).get<int64_t>();
}

int exponentOf(int64_t powerOfTwo) {
  return std::countr_zero(static_cast<uint64_t>(powerOfTwo));
}

TestModel loihi(const json &c, const json &limits) {
  const int64_t vmax = number(limits, "vmax"), vmin = number(limits, "vmin");
  return TestModel("loihi1_compartment",
                   {{"decay_u", number(c, "decay_u")},
                    {"decay_v", number(c, "decay_v")},
                    {"refract_delay", number(limits, "refract_delay")},
                    {"vth", number(c, "vth_mant")},
                    {"bias_mant", number(c, "bias_mant")},
                    {"bias_exp", number(c, "bias_exp")},
                    {"pos_vm_limit", (exponentOf(vmax + 1) - 9) / 2},
                    {"neg_vm_limit", exponentOf(1 - vmin)},
                    {"ds_offset", 1},
                    {"dm_offset", 0}});
}

TestModel lava(const json &c) {
  return TestModel("loihi1_compartment_lava",
                   {{"decay_u", number(c, "decay_u")},
                    {"decay_v", number(c, "decay_v")},
                    {"vth", number(c, "vth_mant")},
                    {"bias_mant", number(c, "bias_mant")},
                    {"bias_exp", number(c, "bias_exp")},
                    {"weight_exp", number(c, "weight_exp")},
                    {"ds_offset", 1},
                    {"dm_offset", 0}});
}

TEST(Loihi1Compartment, EqualsNengoLoihi) {
  const auto path = dataFile("loihi/loihi_golden_nengo.json");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  int cases = 0;
  const json file = readJson(*path);
  for (const json &c : file.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    TestModel model = loihi(c, c);
    const std::vector<int32_t> q = arrivals(c, "eff_weight");
    const json &trace = c.at("trace");
    for (int t = 0; t < steps; ++t) {
      model.step(q[static_cast<size_t>(t)]);
      ASSERT_EQ(model.get("u"), at(trace, "u", t)) << "step " << t + 1;
      ASSERT_EQ(model.get("v"), at(trace, "v", t)) << "step " << t + 1;
      ASSERT_EQ(model.fired, at(trace, "s", t)) << "step " << t + 1;
      ASSERT_EQ(model.get("ref"), at(trace, "ref", t)) << "step " << t + 1;
    }
    ++cases;
  }
  EXPECT_GE(cases, 30);
}

// Two neurons in a loop; A is an integrator without a current, so the same
// trace is also one of the model "if".
TEST(Loihi1Compartment, EqualsNengoLoihiInALoop) {
  const auto path = dataFile("loihi/loihi_golden_nengo.json");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const json file = readJson(*path);
  const json &network = file.at("networks").at(0);
  TestModel a = loihi(network.at("A"), network);
  TestModel b = loihi(network.at("B"), network);
  const int64_t bias = number(network.at("A"), "bias_mant")
                       << number(network.at("A"), "bias_exp");
  TestModel integrator("if", {{"bias", bias},
                              {"vth", number(network.at("A"), "vth_mant") * 64},
                              {"v_reset", 0},
                              {"reset_mode", 0},
                              {"refract_delay", 1}});
  const auto toA = static_cast<int32_t>(number(network, "w_B_to_A"));
  const auto toB = static_cast<int32_t>(number(network, "w_A_to_B"));
  const json &traceA = network.at("trace").at("A");
  const json &traceB = network.at("trace").at("B");
  for (int t = 0; t < steps; ++t) {
    const int32_t intoA = b.fired ? toA : 0, intoB = a.fired ? toB : 0;
    a.step(intoA);
    b.step(intoB);
    integrator.step(intoA);
    ASSERT_EQ(a.get("u"), at(traceA, "u", t)) << "step " << t + 1;
    ASSERT_EQ(a.get("v"), at(traceA, "v", t)) << "step " << t + 1;
    ASSERT_EQ(a.fired, at(traceA, "s", t)) << "step " << t + 1;
    ASSERT_EQ(b.get("u"), at(traceB, "u", t)) << "step " << t + 1;
    ASSERT_EQ(b.get("v"), at(traceB, "v", t)) << "step " << t + 1;
    ASSERT_EQ(b.fired, at(traceB, "s", t)) << "step " << t + 1;
    ASSERT_EQ(integrator.get("v"), at(traceA, "v", t)) << "step " << t + 1;
    ASSERT_EQ(integrator.fired, at(traceA, "s", t)) << "step " << t + 1;
  }
}

TEST(Loihi1CompartmentLava, EqualsLava) {
  const auto path = dataFile("loihi/loihi_golden_lava.json");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  int cases = 0;
  const json file = readJson(*path);
  for (const json &c : file.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    TestModel model = lava(c);
    const std::vector<int32_t> sums = arrivals(c, "mant");
    const json &trace = c.at("trace");
    for (int t = 0; t < steps; ++t) {
      model.step(sums[static_cast<size_t>(t)]);
      ASSERT_EQ(model.get("u"), at(trace, "u", t)) << "step " << t + 1;
      ASSERT_EQ(model.get("v"), at(trace, "v", t)) << "step " << t + 1;
      ASSERT_EQ(model.fired, at(trace, "s", t)) << "step " << t + 1;
    }
    ++cases;
  }
  EXPECT_GE(cases, 20);
}

// The weights as Lava's Dense stores them: what does not fit num_weight_bits is
// cut off, downward; mixed signs cost one bit more.
std::vector<int32_t> storedWeights(const json &params) {
  std::vector<int32_t> weights = params.at("weights").at(0);
  const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
  const bool mixed = *low < 0 && *high > 0;
  const int64_t cut = 8 - number(params, "num_weight_bits", 8) + mixed;
  for (int32_t &weight : weights)
    weight = weight >> cut << cut;
  return weights;
}

std::vector<int32_t> denseArrivals(const json &c, const json &trains) {
  const json &params = c.at("params");
  const std::vector<int32_t> weights = storedWeights(params);
  std::vector<int32_t> sums(steps);
  for (size_t i = 0; i < weights.size(); ++i) {
    const int delay = params.contains("delays")
                          ? params.at("delays").at(0).at(i).get<int>()
                          : 0;
    for (const int spike : trains.at(c.at("inputs").at(i).get<std::string>()))
      if (spike + delay < steps)
        sums[static_cast<size_t>(spike + delay)] += weights[i];
  }
  return sums;
}

TEST(Loihi1CompartmentLava, EqualsLavaBehindDense) {
  const auto path = dataFile("loihi/loihi_golden_lava.json");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const json file = readJson(*path);
  int cases = 0;
  for (const json &c : file.at("extra")) {
    const auto kind = c.at("kind").get<std::string>();
    if (kind != "LIF+Dense" && kind != "LIF+DelayDense")
      continue;
    SCOPED_TRACE(c.at("name").get<std::string>());
    TestModel model = lava(c.at("params"));
    const std::vector<int32_t> sums =
        denseArrivals(c, file.at("meta").at("input_trains"));
    const json &trace = c.at("trace");
    for (int t = 0; t < steps; ++t) {
      model.step(sums[static_cast<size_t>(t)]);
      ASSERT_EQ(model.get("u"), at(trace, "u", t)) << "step " << t + 1;
      ASSERT_EQ(model.get("v"), at(trace, "v", t)) << "step " << t + 1;
      ASSERT_EQ(model.fired, at(trace, "s", t)) << "step " << t + 1;
    }
    ++cases;
  }
  EXPECT_GE(cases, 9);
}

TEST(TernaryLif, EqualsLava) {
  const auto path = dataFile("loihi/loihi_golden_lava.json");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const json file = readJson(*path);
  for (const json &c : file.at("extra")) {
    if (c.at("kind") != "TernaryLIF+Dense")
      continue;
    const json &params = c.at("params");
    TestModel model("ternary_lif", {{"decay_u", number(params, "decay_u")},
                                    {"decay_v", number(params, "decay_v")},
                                    {"vth_hi", number(params, "vth_hi_mant")},
                                    {"vth_lo", number(params, "vth_lo_mant")},
                                    {"bias_mant", 0},
                                    {"bias_exp", 0}});
    const std::vector<int32_t> sums =
        denseArrivals(c, file.at("meta").at("input_trains"));
    const json &trace = c.at("trace");
    for (int t = 0; t < steps; ++t) {
      model.step(sums[static_cast<size_t>(t)] * 64);
      ASSERT_EQ(model.get("u"), at(trace, "u", t)) << "step " << t + 1;
      ASSERT_EQ(model.get("v"), at(trace, "v", t)) << "step " << t + 1;
      ASSERT_EQ(model.payload, at(trace, "s", t)) << "step " << t + 1;
    }
    return;
  }
  FAIL() << "the file has no TernaryLIF";
}

// LIFReset without a reset in 200 steps is LIF; with one it starts anew, which
// is checked by a second compartment that is made at that step.
TEST(LifReset, EqualsLavaAndStartsAnew) {
  const auto path = dataFile("loihi/loihi_golden_lava.json");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  int cases = 0;
  const json file = readJson(*path);
  for (const json &c : file.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto parameters = [&](int64_t interval, int64_t offset) {
      return std::vector<std::pair<std::string, int64_t>>{
          {"decay_u", number(c, "decay_u")},
          {"decay_v", number(c, "decay_v")},
          {"vth", number(c, "vth_mant")},
          {"bias_mant", number(c, "bias_mant")},
          {"bias_exp", number(c, "bias_exp")},
          {"reset_interval", interval},
          {"reset_offset", offset}};
    };
    TestModel never("lif_reset", parameters(1000, 999));
    TestModel often("lif_reset", parameters(50, 3));
    std::unique_ptr<TestModel> fresh;
    const std::vector<int32_t> sums = arrivals(c, "mant");
    const int64_t scale = int64_t{64} << number(c, "weight_exp");
    for (int t = 0; t < steps; ++t) {
      const auto input =
          static_cast<int32_t>(sums[static_cast<size_t>(t)] * scale);
      never.step(input);
      often.step(input);
      ASSERT_EQ(never.get("u"), at(c.at("trace"), "u", t)) << "step " << t + 1;
      ASSERT_EQ(never.get("v"), at(c.at("trace"), "v", t)) << "step " << t + 1;
      ASSERT_EQ(never.fired, at(c.at("trace"), "s", t)) << "step " << t + 1;
      if (t == 0 || (t + 1) % 50 == 3)
        fresh = std::make_unique<TestModel>("lif_reset", parameters(1000, 999));
      fresh->step(input);
      ASSERT_EQ(often.get("u"), fresh->get("u")) << "step " << t + 1;
      ASSERT_EQ(often.get("v"), fresh->get("v")) << "step " << t + 1;
    }
    ++cases;
  }
  EXPECT_GE(cases, 20);
}

// What the registers of Loihi do and the integer forms do not.
bool leavesTheCommonGround(const json &c) {
  return c.at("name") == "u_wrap_neg" || c.at("name") == "u2_overflow" ||
         number(c, "vmin") != -8388607 || number(c, "vmax") != 8388607;
}

// cuba_lif and cuba_li in Loihi's units; where the current is memoryless, lif
// and li too; where the voltage is also an integrator, if and i too.
TEST(IntegerForms, EqualNengoLoihi) {
  const auto path = dataFile("loihi/loihi_golden_nengo.json");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  int spiking = 0, silent = 0, integrators = 0;
  const json file = readJson(*path);
  for (const json &c : file.at("cases")) {
    if (leavesTheCommonGround(c))
      continue;
    SCOPED_TRACE(c.at("name").get<std::string>());
    const int64_t bias = number(c, "bias_mant") << number(c, "bias_exp");
    const int64_t factorU = 4095 - number(c, "decay_u");
    const int64_t factorV = 4096 - number(c, "decay_v");
    TestModel spikes(
        "cuba_lif",
        {{"factor_u", factorU},
         {"factor_v", factorV},
         {"bias", bias},
         {"vth", std::min<int64_t>(number(c, "vth_mant") * 64, 8388607)},
         {"v_reset", 0},
         {"reset_mode", 0},
         {"refract_delay", number(c, "refract_delay")}});
    TestModel leaks(
        "cuba_li",
        {{"factor_u", factorU}, {"factor_v", factorV}, {"bias", bias}});
    TestModel sums("i", {{"bias", bias}});
    const bool isSilent = number(c, "n_out_spikes") == 0;
    const bool isIntegrator = isSilent && factorV == 4096;
    const std::vector<int32_t> q = arrivals(c, "eff_weight");
    const json &trace = c.at("trace");
    for (int t = 0; t < steps; ++t) {
      const int32_t input = q[static_cast<size_t>(t)];
      spikes.step(input);
      leaks.step(input);
      sums.step(static_cast<int32_t>(at(trace, "u", t)));
      ASSERT_EQ(spikes.get("u"), at(trace, "u", t)) << "step " << t + 1;
      ASSERT_EQ(spikes.get("v"), at(trace, "v", t)) << "step " << t + 1;
      ASSERT_EQ(spikes.fired, at(trace, "s", t)) << "step " << t + 1;
      ASSERT_EQ(spikes.get("ref"), at(trace, "ref", t)) << "step " << t + 1;
      if (isSilent) {
        ASSERT_EQ(leaks.get("v"), at(trace, "v", t)) << "step " << t + 1;
        ASSERT_EQ(leaks.payload, at(trace, "v", t)) << "step " << t + 1;
      }
      if (isIntegrator) {
        ASSERT_EQ(sums.payload, at(trace, "v", t)) << "step " << t + 1;
      }
    }
    isSilent ? ++silent : ++spiking;
    integrators += isIntegrator;
  }
  EXPECT_GE(spiking, 20);
  EXPECT_GE(silent, 4);
  EXPECT_GE(integrators, 1);
}
} // namespace
