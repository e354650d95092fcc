//===- tests/unit/runtime/replay/ReplayTest.cpp ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bit-exactness against what nengo-loihi and Lava recorded.
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/Replay.h"
#include "runtime/programs/LibraryPrograms.h"
#include "runtime/replay/Scenario.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::runtime;

namespace {

std::string dataFile(const std::string &name) {
  const char *folder = std::getenv("HILLOCK_DATA");
  return folder ? std::string(folder) + "/loihi/" + name : std::string();
}

#define NEEDS_DATA(PATH)                                                       \
  if ((PATH).empty())                                                          \
  GTEST_SKIP() << "HILLOCK_DATA is not set"

std::string slurp(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

ReplayResult replayOk(const std::string &path, ReplayOptions options = {}) {
  auto result = replayFile(path, options);
  if (!result) {
    ADD_FAILURE() << takeText(result.takeError());
    return {};
  }
  return *result;
}

TEST(Replay, Nengo) {
  std::string path = dataFile("loihi_golden_nengo.json");
  NEEDS_DATA(path);
  for (unsigned threads : {1u, 2u}) {
    ReplayOptions options;
    options.threads = threads;
    ReplayResult result = replayOk(path, options);
    EXPECT_TRUE(result.matches()) << describe(result);
    EXPECT_EQ(result.dialect, Dialect::Nengo);
    // At least the cases of the public part of the set, and one network: five
    // traces of 200 steps a case, two neurons of three traces in the network.
    EXPECT_GE(result.cases, 36u);
    EXPECT_GE(result.values, 35u * 5 * 200 + 6 * 200);
  }
}

TEST(Replay, Lava) {
  std::string path = dataFile("loihi_golden_lava.json");
  NEEDS_DATA(path);
  ReplayResult result = replayOk(path);
  EXPECT_TRUE(result.matches()) << describe(result);
  EXPECT_EQ(result.dialect, Dialect::Lava);
  EXPECT_GE(result.cases, 37u);
  EXPECT_GE(result.values, 37u * 2 * 200);
}

TEST(Replay, Functions) {
  std::string path = dataFile("loihi_golden_nengo_functions.json");
  NEEDS_DATA(path);
  ReplayResult result = replayOk(path);
  EXPECT_TRUE(result.matches()) << describe(result);
  EXPECT_EQ(result.cases, 5u);
  EXPECT_GE(result.values, 368u + 39 * 2 + 112 * 22 + 13 * 2 + 440);
}

// The simulators agree on their shared cases, so Lava's recording of them must
// hold in nengo-loihi's dialect, too, and what they disagree on must not.
TEST(Replay, DialectOverride) {
  std::string path = dataFile("loihi_golden_nengo.json");
  NEEDS_DATA(path);
  ReplayOptions options;
  options.dialect = Dialect::Lava;
  auto result = replayFile(path, options);
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_EQ(result->dialect, Dialect::Lava);
  auto differs = [&](const std::string &name) {
    for (const ReplayDifference &d : result->differences)
      if (d.caseName == name)
        return true;
    return false;
  };
  EXPECT_TRUE(differs("u2_overflow")) << describe(*result);
  EXPECT_TRUE(differs("wexp_neg2_lossy"));
  EXPECT_TRUE(differs("vmin_0"));
  EXPECT_FALSE(differs("exc_basic"));
}

// A compartment behind a Dense is one, too: nengo-loihi wraps at +-2^23 where
// Lava leaves +2^23 and turns -2^23 around, and shifts weights one by one where
// Lava shifts their sum. On widths, signs and delays of weights they agree.
TEST(Replay, DialectOverrideReachesDense) {
  std::string path = dataFile("loihi_golden_lava.json");
  NEEDS_DATA(path);
  ReplayOptions options;
  options.dialect = Dialect::Nengo;
  ReplayResult result = replayOk(path, options);
  auto differs = [&](const std::string &name) {
    for (const ReplayDifference &d : result.differences)
      if (d.caseName == name)
        return true;
    return false;
  };
  EXPECT_TRUE(result.skipped.empty()) << describe(result);
  EXPECT_TRUE(differs("u_exact_2pow23")) << describe(result);
  EXPECT_TRUE(differs("u_exact_minus_2pow23")) << describe(result);
  EXPECT_TRUE(differs("wexp_neg2_sum_shift")) << describe(result);
  for (const char *same :
       {"num_weight_bits_8_mixed", "num_weight_bits_5_mixed",
        "num_weight_bits_4_exc", "delay_dense", "ternary_lif", "rf"})
    EXPECT_FALSE(differs(same)) << describe(result);
}

TEST(Replay, CorruptedTraceNamesTheFirstDifference) {
  std::string path = dataFile("loihi_golden_nengo.json");
  NEEDS_DATA(path);
  std::string text = slurp(path);
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(text);
  ASSERT_TRUE(bool(parsed));
  llvm::json::Object &first =
      *(*parsed->getAsObject()->getArray("cases"))[0].getAsObject();
  llvm::json::Array &u = *first.getObject("trace")->getArray("u");
  int64_t right = *u[41].getAsInteger();
  u[41] = right + 1;
  u[90] = 77;
  std::string corrupted;
  llvm::raw_string_ostream(corrupted) << *parsed;
  auto result = replayText(corrupted, "corrupted");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  ASSERT_EQ(result->differences.size(), 1u) << describe(*result);
  const ReplayDifference &d = result->differences[0];
  EXPECT_EQ(d.caseName, "exc_basic");
  EXPECT_EQ(d.field, "u");
  EXPECT_EQ(d.step, 42u);
  EXPECT_EQ(d.expected, right + 1);
  EXPECT_EQ(d.got, right);
  EXPECT_NE(describe(*result).find("exc_basic: u in step 42"),
            std::string::npos);
}

/// brian2_loihi's form of a trace; the numbers are nengo-loihi's worked example
/// (decayU 409, decayV 128, threshold 6400, one weight of 6400): a spike of
/// step 3 raises u to 6400 in step 4, and v passes the threshold in step 5.
TEST(Replay, BrianForm) {
  const char *text = R"({"meta": {"generator": "brian2_loihi"}, "cases": [
    {"name": "basic", "decay_u": 409, "decay_v": 128, "vth_mant": 100,
     "weight_exp": 0, "refract_delay": 1,
     "synapses": [{"mant": 100, "input_spike_steps": [3]}],
     "trace": {"I": [0, 0, 0, 6400, 5759], "v": [0, 0, 0, 6400, 0]},
     "spike_times": [4, 190]}]})";
  auto result = replayText(text, "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
  EXPECT_EQ(result->values, 15u);
}

/// lava LIFReset: u and v are zero where step mod interval is the offset,
/// before that step's input. Weight 64 * 64 = 4096, no decay of u or v.
TEST(Replay, LavaReset) {
  const char *text = R"({"meta": {"generator": "lava",
    "input_trains": {"A": [1, 2, 3, 4, 5]}}, "extra": [
    {"name": "reset", "kind": "LIFReset+Dense",
     "params": {"decay_u": 4095, "decay_v": 0, "vth_mant": 131071,
                "weight_exp": 0, "weights": [[64]],
                "reset_interval": 3, "reset_offset": 1},
     "inputs": ["A"],
     "trace": {"u": [0, 4096, 4096, 4096, 4096, 4096],
               "v": [0, 4096, 8192, 4096, 8192, 12288],
               "s": [0, 0, 0, 0, 0, 0]}}]})";
  auto result = replayText(text, "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
}

/// Kinds that take their values directly; worked by hand from the equations of
/// lava proc/rf, proc/sdn and proc/graded.
TEST(Replay, LavaDirectKinds) {
  const char *text = R"({"meta": {"generator": "lava"}, "extra": [
    {"name": "rf_iz", "kind": "RF_IZ",
     "params": {"state_exp": 0, "decay_bits": 12, "vth": 50,
                "sin_decay": 2048, "cos_decay": 2048},
     "inputs": {"real": [100, 0, 0], "imag": [0, 0, 0]},
     "trace": {"real": [100, 0, -24], "imag": [0, 49, 24], "s": [0, 1, 0]}},
    {"name": "relu", "kind": "GradedReluVec", "params": {"vth": 5},
     "inputs": [[7, -7, 5]],
     "trace": {"v": [0, 0, 0], "s": [7, 0, 0]}},
    {"name": "sigma", "kind": "Sigma", "params": {},
     "inputs": [[7, -9, 2]],
     "trace": {"sigma": [7, -2, 0], "s": [7, -2, 0]}},
    {"name": "unit", "kind": "SigmaDelta",
     "params": {"vth": 1, "bias": 0, "act_mode": "unit", "spike_exp": 0,
                "state_exp": 0, "cum_error": false},
     "inputs": [[-3, 0, 3]],
     "trace": {"sigma": [-3, -3, 0], "act": [-3, -3, 0],
               "residue": [0, 0, 0], "s": [-3, 0, 3]}}]})";
  auto result = replayText(text, "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
  EXPECT_EQ(result->cases, 4u);
}

/// lava proc/lif/models.py turns the current once: 16 weights of 255 << 13 are
/// 33423360, one turn less is 16646144, still above 2^23; v saturates above the
/// threshold of 131071 << 6.
TEST(Replay, LavaTurnsTheCurrentOnce) {
  const char *text = R"({"meta": {"generator": "lava",
    "input_trains": {"A": [1]}}, "extra": [
    {"name": "turn", "kind": "LIF+Dense",
     "params": {"decay_u": 4095, "decay_v": 0, "vth_mant": 131071,
                "weight_exp": 7,
                "weights": [[255, 255, 255, 255, 255, 255, 255, 255,
                             255, 255, 255, 255, 255, 255, 255, 255]]},
     "inputs": ["A", "A", "A", "A", "A", "A", "A", "A",
                "A", "A", "A", "A", "A", "A", "A", "A"],
     "trace": {"u": [0, 16646144, 0], "v": [0, 0, 0], "s": [0, 1, 0]}}]})";
  auto result = replayText(text, "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
}

/// A negative exponent shifts the sum: (7 + 2) >> 2 is 2, alone they give 1 and
/// 0; a unit is 64.
TEST(Replay, LavaTernaryWithNegativeExponent) {
  const char *text = R"({"meta": {"generator": "lava",
    "input_trains": {"A": [1]}}, "extra": [
    {"name": "together", "kind": "TernaryLIF+Dense",
     "params": {"decay_u": 4095, "decay_v": 0, "vth_hi_mant": 10,
                "vth_lo_mant": -10, "weight_exp": -2, "weights": [[7, 2]]},
     "inputs": ["A", "A"],
     "trace": {"u": [0, 128, 0], "v": [0, 128, 128], "s": [0, 0, 0]}},
    {"name": "apart", "kind": "TernaryLIF+DelayDense",
     "params": {"decay_u": 4095, "decay_v": 0, "vth_hi_mant": 10,
                "vth_lo_mant": -10, "weight_exp": -2, "weights": [[7, 2]],
                "delays": [[0, 1]]},
     "inputs": ["A", "A"],
     "trace": {"u": [0, 64, 0], "v": [0, 64, 64], "s": [0, 0, 0]}}]})";
  auto result = replayText(text, "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
  EXPECT_EQ(result->cases, 2u);
}

/// Factors of six bits, both one half, and a threshold of 2.5 units, which is 5
/// in the state's scale: 20 turns to (10, 10), which resets to (0, 4).
TEST(Replay, LavaResonatorInOddUnits) {
  const char *text = R"({"meta": {"generator": "lava"}, "extra": [
    {"name": "rf_iz", "kind": "RF_IZ",
     "params": {"state_exp": 1, "decay_bits": 6, "vth": 2.5,
                "sin_decay": 32, "cos_decay": 32},
     "inputs": {"real": [10, 0, 0], "imag": [0, 0, 0]},
     "trace": {"real": [20, 0, -2], "imag": [0, 4, 2], "s": [0, 1, 0]}}]})";
  auto result = replayText(text, "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
}

TEST(Replay, BadFilesEndInErrors) {
  for (const char *text :
       {"", "[]", "{", R"({"meta": {"generator": "spinnaker"}})",
        R"({"meta": {"generator": "nengo-loihi"}})"}) {
    auto result = replayText(text, "text");
    EXPECT_FALSE(bool(result)) << text;
    if (!result)
      EXPECT_FALSE(takeText(result.takeError()).empty());
  }
  auto missing = replayFile("/nonexistent/trace.json");
  EXPECT_FALSE(bool(missing));
  llvm::consumeError(missing.takeError());
}

TEST(Replay, UnknownKindIsSkippedWithAReason) {
  auto result = replayText(R"({"meta": {"generator": "lava"}, "extra": [
    {"name": "x", "kind": "S4D", "params": {}, "inputs": [[1]],
     "trace": {"s": [0]}}]})",
                           "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  ASSERT_EQ(result->skipped.size(), 1u);
  EXPECT_NE(result->skipped[0].find("S4D"), std::string::npos);
  EXPECT_FALSE(result->matches());
}

/// The last sum that 24 bits hold is compared, one more is refused.
TEST(Replay, LavaSigmaHas24Bits) {
  auto result = replayText(R"({"meta": {"generator": "lava"}, "extra": [
    {"name": "most", "kind": "Sigma", "params": {}, "inputs": [[8388606, 1]],
     "trace": {"sigma": [8388606, 8388607], "s": [8388606, 8388607]}},
    {"name": "more", "kind": "Sigma", "params": {}, "inputs": [[8388607, 1]],
     "trace": {"sigma": [8388607, 8388608], "s": [8388607, 8388608]}}]})",
                           "text");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->differences.empty()) << describe(*result);
  EXPECT_EQ(result->cases, 1u);
  ASSERT_EQ(result->skipped.size(), 1u);
  EXPECT_NE(result->skipped[0].find("more: the inputs add up to 8388608"),
            std::string::npos);
}

/// On silicon v reads 128 * refractDelay after a spike (nengo-loihi#132).
TEST(Replay, VoltageReadout) {
  auto program = libraryProgram("loihi1_compartment");
  ASSERT_TRUE(bool(program)) << takeText(program.takeError());
  Scenario scenario;
  scenario.name = "readout";
  scenario.neurons.push_back({"",
                              *program,
                              {{"decay_u", 0},
                               {"decay_v", 0},
                               {"refract_delay", 3},
                               {"vth", 1},
                               {"bias_mant", 100},
                               {"bias_exp", 0},
                               {"pos_vm_limit", 7},
                               {"neg_vm_limit", 23},
                               {"ds_offset", 1},
                               {"dm_offset", 0}}});
  auto image = buildScenario(scenario);
  ASSERT_TRUE(bool(image)) << takeText(image.takeError());
  auto emulator = emu::Emulator::create(*image, {});
  ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
  std::vector<int32_t> shown, dynamics;
  for (int i = 0; i < 4; ++i) {
    (*emulator)->step();
    auto readout = voltageReadout(**emulator, 0);
    auto v = (*emulator)->read(0, "v");
    ASSERT_TRUE(readout && v);
    shown.push_back((*readout)[0]);
    dynamics.push_back((*v)[0]);
  }
  // Bias 100 passes the threshold of 64 in every step that may spike.
  EXPECT_EQ(dynamics, (std::vector<int32_t>{0, 0, 0, 0}));
  EXPECT_EQ(shown, (std::vector<int32_t>{384, 0, 0, 384}));
}

} // namespace
