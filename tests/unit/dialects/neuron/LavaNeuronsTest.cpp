//===- tests/unit/dialects/neuron/LavaNeuronsTest.cpp - Graded neurons ----===//
// Lava ===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Traces of Lava's Delta, SigmaDelta, GradedVec and RF processes, fed directly
// (no step between input and neuron), and formulas of the papers for what has
// no trace.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/dialects/neuron/TestModel.h"

#include "base/Random.h"

using namespace hillock;
using namespace hillock::neuron::test;
using nlohmann::json;

namespace {
std::optional<json> extraCase(const std::string &name) {
  const auto path = dataFile("loihi/loihi_golden_lava.json");
  if (!path)
    return std::nullopt;
  const json file = readJson(*path);
  for (const json &c : file.at("extra"))
    if (c.at("name") == name)
      return c;
  ADD_FAILURE() << "no case " << name;
  return std::nullopt;
}

std::vector<int64_t> column(const json &values) {
  return values.get<std::vector<int64_t>>();
}

void compareDelta(const std::string &name) {
  const std::optional<json> c = extraCase(name);
  if (!c)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const json &params = c->at("params");
  TestModel model("delta", {{"vth", number(params, "vth")},
                            {"spike_exp", number(params, "spike_exp")},
                            {"state_exp", number(params, "state_exp")},
                            {"cum_error", params.at("cum_error").get<bool>()}});
  const auto input = column(c->at("inputs").at(0));
  const json &trace = c->at("trace");
  const auto act = column(trace.at("act")), s = column(trace.at("s"));
  const auto residue = column(trace.at("residue"));
  for (size_t t = 0; t < input.size(); ++t) {
    model.step(static_cast<int32_t>(input[t]));
    ASSERT_EQ(model.get("act"), act[t]) << "step " << t + 1;
    ASSERT_EQ(model.get("residue"), residue[t]) << "step " << t + 1;
    ASSERT_EQ(model.payload, s[t]) << "step " << t + 1;
    if (trace.contains("error")) {
      ASSERT_EQ(model.get("error"), column(trace.at("error"))[t])
          << "step " << t + 1;
    }
  }
}

TEST(Delta, EqualsLava) { compareDelta("delta_vth4"); }
TEST(Delta, EqualsLavaWithCumulatedError) { compareDelta("delta_vth3_cum"); }

TEST(SigmaDelta, EqualsLava) {
  const std::optional<json> c = extraCase("sigmadelta_relu");
  if (!c)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const json &params = c->at("params");
  TestModel model("sigma_delta",
                  {{"vth", number(params, "vth")},
                   {"bias", number(params, "bias")},
                   {"spike_exp", number(params, "spike_exp")},
                   {"state_exp", number(params, "state_exp")},
                   {"cum_error", params.at("cum_error").get<bool>()},
                   {"relu", 1}});
  // The integrator "i" is Lava's Sigma.
  TestModel sum("i", {{"bias", 0}});
  const auto input = column(c->at("inputs").at(0));
  const json &trace = c->at("trace");
  const auto sigma = column(trace.at("sigma")), act = column(trace.at("act"));
  const auto residue = column(trace.at("residue")), s = column(trace.at("s"));
  for (size_t t = 0; t < input.size(); ++t) {
    model.step(static_cast<int32_t>(input[t]));
    sum.step(static_cast<int32_t>(input[t]));
    ASSERT_EQ(model.get("sigma"), sigma[t]) << "step " << t + 1;
    ASSERT_EQ(model.get("act"), act[t]) << "step " << t + 1;
    ASSERT_EQ(model.get("residue"), residue[t]) << "step " << t + 1;
    ASSERT_EQ(model.payload, s[t]) << "step " << t + 1;
    ASSERT_EQ(sum.payload, sigma[t]) << "step " << t + 1;
  }
}

TEST(GradedVec, EqualsLava) {
  const std::optional<json> c = extraCase("graded_vec");
  if (!c)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const int64_t vth = number(c->at("params"), "vth");
  TestModel model("graded_vec", {{"vth", vth}});
  TestModel relu("graded_relu_vec", {{"vth", vth}});
  const auto input = column(c->at("inputs").at(0));
  const auto s = column(c->at("trace").at("s"));
  for (size_t t = 0; t < input.size(); ++t) {
    model.step(static_cast<int32_t>(input[t]));
    relu.step(static_cast<int32_t>(input[t]));
    ASSERT_EQ(model.payload, s[t]) << "step " << t + 1;
    ASSERT_EQ(model.fired, s[t] != 0) << "step " << t + 1;
    // The positive half of the same.
    ASSERT_EQ(relu.payload, std::max<int64_t>(s[t], 0)) << "step " << t + 1;
  }
}

TEST(GradedReluVec, PassesWhatIsAboveTheThreshold) {
  TestModel model("graded_relu_vec", {{"vth", 5}});
  for (const int32_t x : {-2147483647, -6, -5, 0, 5, 6, 2147483647}) {
    model.step(x);
    EXPECT_EQ(model.payload, x > 5 ? x : 0);
  }
}

// rf_iz with a threshold that is never reached turns as rf does.
TEST(ResonateAndFire, EqualsLava) {
  const std::optional<json> c = extraCase("rf");
  if (!c)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const json &params = c->at("params");
  TestModel model("rf", {{"sin_decay", number(params, "sin_decay")},
                         {"cos_decay", number(params, "cos_decay")},
                         {"vth", number(params, "vth")},
                         {"state_exp", number(params, "state_exp")}});
  TestModel silent("rf_iz", {{"sin_decay", number(params, "sin_decay")},
                             {"cos_decay", number(params, "cos_decay")},
                             {"vth", 131071},
                             {"state_exp", number(params, "state_exp")}});
  const auto inRe = column(c->at("inputs").at("real"));
  const auto inIm = column(c->at("inputs").at("imag"));
  const json &trace = c->at("trace");
  const auto re = column(trace.at("real")), im = column(trace.at("imag"));
  const auto s = column(trace.at("s"));
  for (size_t t = 0; t < inRe.size(); ++t) {
    const int32_t inputs[] = {static_cast<int32_t>(inRe[t]),
                              static_cast<int32_t>(inIm[t])};
    model.step(inputs);
    silent.step(inputs);
    ASSERT_EQ(model.get("re"), re[t]) << "step " << t + 1;
    ASSERT_EQ(model.get("im"), im[t]) << "step " << t + 1;
    ASSERT_EQ(model.fired, s[t]) << "step " << t + 1;
    ASSERT_EQ(silent.get("re"), re[t]) << "step " << t + 1;
    ASSERT_EQ(silent.get("im"), im[t]) << "step " << t + 1;
    ASSERT_FALSE(silent.fired);
  }
}

// Izhikevich 2001 in integers: after a spike the oscillator is put on the
// imaginary axis, one below the threshold.
TEST(ResonateAndFire, OfIzhikevichFollowsItsFormula) {
  const int64_t sin = 1945, cos = 3369, vth = 20;
  TestModel model(
      "rf_iz",
      {{"sin_decay", sin}, {"cos_decay", cos}, {"vth", vth}, {"state_exp", 6}});
  int64_t re = 0, im = 0;
  CounterRandom random(3);
  int spikes = 0;
  for (int t = 0; t < 2000; ++t) {
    const bool kick = random.below(10) == 0;
    const auto a = static_cast<int32_t>(kick ? random.below(100) : 0);
    const int32_t inputs[] = {a, -a / 3};
    model.step(inputs);
    const int64_t newRe = towardZero(re, cos) - towardZero(im, sin) + a * 64;
    im = towardZero(re, sin) + towardZero(im, cos) + inputs[1] * 64;
    re = newRe;
    const bool spike = im >= vth * 64;
    if (spike) {
      re = 0;
      im = vth * 64 - 1;
    }
    ASSERT_EQ(model.fired, spike) << "step " << t;
    ASSERT_EQ(model.get("re"), re) << "step " << t;
    ASSERT_EQ(model.get("im"), im) << "step " << t;
    spikes += spike;
  }
  EXPECT_GT(spikes, 20);
}
} // namespace
