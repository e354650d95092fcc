//===- tests/unit/image/ProgramTest.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/ProgramVm.h"
#include "tests/unit/image/Support.h"

using namespace hillock;
using namespace hillock::image;
using testing::HasSubstr;

namespace {

/// Writes code in static single assignment.
class Assembler {
public:
  uint8_t emit(Opcode op, uint8_t a = 0, uint8_t b = 0, int32_t imm = 0) {
    const auto d = static_cast<uint8_t>(p.registers++);
    p.code.push_back({op, d, a, b, imm});
    return d;
  }
  void effect(Opcode op, uint8_t a, uint8_t b = 0, int32_t imm = 0) {
    p.code.push_back({op, 0, a, b, imm});
  }
  uint8_t constant(int32_t value) { return emit(Opcode::Const, 0, 0, value); }
  uint8_t param(const char *name) {
    p.params.push_back(name);
    return emit(Opcode::Param, 0, 0, static_cast<int32_t>(p.params.size()) - 1);
  }
  uint8_t load(const char *name, uint32_t bits) {
    p.states.push_back({name, bits});
    return emit(Opcode::Load, 0, 0, static_cast<int32_t>(p.states.size()) - 1);
  }
  Program p;
};

/// Loihi's compartment (nengo-loihi, emulator): the step of the golden traces.
Program compartment() {
  Assembler x;
  x.p.name = "compartment";
  const uint8_t zero = x.constant(0), one = x.constant(1);
  const uint8_t full = x.constant(4096);
  const uint8_t q = x.emit(Opcode::Wrap, x.emit(Opcode::Input), 0, 21);
  const uint8_t u = x.load("u", 23), v = x.load("v", 23), r = x.load("ref", 6);
  const auto keep = [&](uint8_t decay) {
    return x.emit(Opcode::Sub, full, decay);
  };
  const uint8_t decayU =
      x.emit(Opcode::Add, x.param("decay_u"), x.param("ds_offset"));
  const uint8_t u1 =
      x.emit(Opcode::Wrap,
             x.emit(Opcode::Add, x.emit(Opcode::Decay, u, keep(decayU), 12), q),
             0, 23);
  const uint8_t bias =
      x.emit(Opcode::Shl, x.param("bias_mant"), x.param("bias_exp"));
  const uint8_t drive =
      x.emit(Opcode::Wrap, x.emit(Opcode::Add, u1, bias), 0, 23);
  const uint8_t v1 =
      x.emit(Opcode::Add,
             x.emit(Opcode::Decay, v, keep(x.param("decay_v")), 12), drive);
  const uint8_t v2 = x.emit(
      Opcode::Min, x.emit(Opcode::Max, v1, x.param("vmin")), x.param("vmax"));
  const uint8_t pausing = x.emit(Opcode::CmpLt, zero, r);
  const uint8_t v3 = x.emit(Opcode::Select, zero, v2, pausing);
  const uint8_t threshold = x.emit(Opcode::Shl, x.param("vth"), x.constant(6));
  const uint8_t spike = x.emit(Opcode::CmpLt, threshold, v3);
  const uint8_t v4 = x.emit(Opcode::Select, zero, v3, spike);
  const uint8_t r1 = x.emit(Opcode::Select, x.param("refract_delay"), r, spike);
  const uint8_t r2 = x.emit(Opcode::Max, zero, x.emit(Opcode::Sub, r1, one));
  x.effect(Opcode::Write, u1, 0, 0);
  x.effect(Opcode::Write, v4, 0, 1);
  x.effect(Opcode::Write, r2, 0, 2);
  x.effect(Opcode::Fire, spike, one);
  return x.p;
}

std::string checked(const Program &program) {
  Error error = check(program);
  return error ? takeText(std::move(error)) : "";
}

} // namespace

TEST(Instruction, Encoding) {
  const Instruction i{Opcode::Select, 1, 2, 3, -2};
  EXPECT_EQ(i.encode(), 0xFFFFFFFE'03'02'01'18u);
  EXPECT_EQ(Instruction::decode(i.encode()), i);
  for (uint64_t k = 0; k < 1000; ++k)
    EXPECT_EQ(Instruction::decode(sm64(k)).encode(), sm64(k));
}

TEST(Check, AcceptsTheCompartment) {
  const Program p = compartment();
  EXPECT_EQ(checked(p), "");
  EXPECT_EQ(p.stateIndex("v"), 1);
  EXPECT_EQ(p.stateIndex("w"), -1);
  EXPECT_GE(p.paramIndex("vth"), 0);
}

TEST(Check, EveryRule) {
  const auto message = [](auto change) {
    Program p;
    p.name = "n";
    p.registers = 3;
    p.states = {{"v", 23}};
    p.params = {"a"};
    p.code = {{Opcode::Const, 0, 0, 0, 5},
              {Opcode::Load, 1, 0, 0, 0},
              {Opcode::Add, 2, 0, 1, 0},
              {Opcode::Write, 0, 2, 0, 0},
              {Opcode::Fire, 0, 2, 0, 0}};
    EXPECT_EQ(checked(p), "");
    change(p);
    return checked(p);
  };
  using P = Program &;
  EXPECT_THAT(message([](P p) { p.registers = 257; }), HasSubstr("registers"));
  EXPECT_THAT(message([](P p) { p.registers = 2; }),
              HasSubstr("register 2 of 2"));
  EXPECT_THAT(message([](P p) { p.ports = 0; }), HasSubstr("ports"));
  EXPECT_THAT(message([](P p) { p.states.push_back({"v", 1}); }),
              HasSubstr("named twice"));
  EXPECT_THAT(message([](P p) { p.states[0].bits = 32; }), HasSubstr("1..31"));
  EXPECT_THAT(message([](P p) { p.params.push_back(""); }), HasSubstr("empty"));
  EXPECT_THAT(message([](P p) { std::swap(p.code[1], p.code[2]); }),
              HasSubstr("read before it is written"));
  EXPECT_THAT(message([](P p) { p.code[1].d = 0; }),
              HasSubstr("instruction 1: register 0 is written twice"));
  EXPECT_THAT(message([](P p) { p.code[1].imm = 1; }), HasSubstr("state 1"));
  EXPECT_THAT(message([](P p) { p.code[1].imm = -1; }), HasSubstr("state -1"));
  EXPECT_THAT(
      message([](P p) { p.code[1].op = Opcode::Param, p.code[1].imm = 1; }),
      HasSubstr("parameter 1"));
  EXPECT_THAT(
      message([](P p) { p.code[1].op = Opcode::Input, p.code[1].imm = 1; }),
      HasSubstr("port 1"));
  EXPECT_THAT(
      message([](P p) { p.code[2].op = Opcode::Decay, p.code[2].imm = 64; }),
      HasSubstr("shift 64"));
  EXPECT_THAT(message([](P p) { p.code[2].op = Opcode::Wrap; }),
              HasSubstr("width 0"));
  EXPECT_THAT(
      message([](P p) { p.code[2].op = Opcode::Select, p.code[2].imm = 2; }),
      HasSubstr("register 2 is read"));
  EXPECT_THAT(
      message([](P p) { p.code[2].op = Opcode::Select, p.code[2].imm = -1; }),
      HasSubstr("register -1"));
  EXPECT_THAT(message([](P p) { p.code.push_back(p.code[3]); }),
              HasSubstr("state 0 is written twice"));
  EXPECT_THAT(message([](P p) { p.code.push_back(p.code[4]); }),
              HasSubstr("second fire"));
  EXPECT_THAT(message([](P p) { p.code[2].op = static_cast<Opcode>(0); }),
              HasSubstr("unknown operation 0"));
  EXPECT_THAT(message([](P p) { p.code[2].op = static_cast<Opcode>(99); }),
              HasSubstr("unknown operation 99"));
}

TEST(Check, NoiseNeverCrashes) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    CounterRandom random(seed);
    Program p;
    p.name = "noise";
    p.registers = static_cast<uint32_t>(random.below(300));
    p.ports = static_cast<uint32_t>(random.below(3));
    p.params = {"a"};
    p.states = {{"v", 8}};
    for (int i = 0; i < 20; ++i)
      p.code.push_back(Instruction::decode(random.next() & 0x3'0f0f0f'3fu));
    if (!checked(p).empty())
      continue;
    int32_t state = 1, param = 2, payload = 0;
    const std::vector<int32_t> inputs(p.ports, 3);
    bool fired = false;
    runScalar(p, {&param, 1}, {&state, 1}, inputs, 7, fired, payload);
  }
}

TEST(Print, OneInstructionALine) {
  const std::string text = print(compartment());
  EXPECT_THAT(text, HasSubstr("state u: 23 bits and a sign\n"));
  EXPECT_THAT(text, HasSubstr("param vth\n"));
  EXPECT_THAT(text, HasSubstr("r2 = const 4096\n"));
  EXPECT_THAT(text, HasSubstr("= load u\n"));
  EXPECT_THAT(text, HasSubstr("write v, r"));
  EXPECT_THAT(text, HasSubstr(" >> 12\n"));
  Program bad;
  bad.code = {{Opcode::Load, 0, 0, 0, 9},
              {static_cast<Opcode>(77), 0, 0, 0, 0}};
  EXPECT_THAT(print(bad), HasSubstr("load ?9"));
  EXPECT_THAT(print(bad), HasSubstr("unknown operation 77"));
}

TEST(Vm, Operations) {
  const int32_t low = INT32_MIN, high = INT32_MAX;
  EXPECT_EQ(evaluate(Opcode::Add, high, 1, 0), low);
  EXPECT_EQ(evaluate(Opcode::Sub, low, 1, 0), high);
  EXPECT_EQ(evaluate(Opcode::Mul, 65536, 65537, 0), 65536);
  EXPECT_EQ(evaluate(Opcode::Shl, 1, 33, 0), 2);
  EXPECT_EQ(evaluate(Opcode::Shl, -3, 1, 0), -6);
  EXPECT_EQ(evaluate(Opcode::Shr, -3, 1, 0), -2);
  EXPECT_EQ(evaluate(Opcode::And, 12, 10, 0), 8);
  EXPECT_EQ(evaluate(Opcode::Or, 12, 10, 0), 14);
  EXPECT_EQ(evaluate(Opcode::Xor, 12, 10, 0), 6);
  EXPECT_EQ(evaluate(Opcode::Min, low, 1, 0), low);
  EXPECT_EQ(evaluate(Opcode::Max, low, 1, 0), 1);
  EXPECT_EQ(evaluate(Opcode::CmpEq, 3, 3, 0), 1);
  EXPECT_EQ(evaluate(Opcode::CmpNe, 3, 3, 0), 0);
  EXPECT_EQ(evaluate(Opcode::CmpLt, low, high, 0), 1);
  EXPECT_EQ(evaluate(Opcode::CmpLe, 4, 4, 0), 1);
  EXPECT_EQ(evaluate(Opcode::Decay, -1, 4095, 12), 0);   // toward zero
  EXPECT_EQ(evaluate(Opcode::MulShr, -1, 4095, 12), -1); // floor
  EXPECT_EQ(evaluate(Opcode::Decay, low, low, 31), low); // 2^62 >> 31 = 2^31
  EXPECT_EQ(evaluate(Opcode::Decay, low, 4096, 12), low);
  EXPECT_EQ(evaluate(Opcode::MulShr, low, low, 32), 1 << 30);
  EXPECT_EQ(evaluate(Opcode::Wrap, 128, 0, 7), -128);
  EXPECT_EQ(evaluate(Opcode::Wrap, low, 0, 31), low);
}

// Tables of nengo-loihi's decay_int and overflow_signed.
TEST(Vm, GoldenFunctions) {
  const auto json = data("loihi/loihi_golden_nengo_functions.json");
  if (json.is_null())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const auto &f = json["functions"];
  EXPECT_EQ(f["decay_int"].size(), 368u);
  for (const auto &row : f["decay_int"])
    EXPECT_EQ(
        evaluate(Opcode::Decay, row["x"],
                 4096 - row["offset"].get<int>() - row["decay"].get<int>(), 12),
        row["y"].get<int>())
        << row;
  EXPECT_EQ(f["overflow_signed"].size(), 39u);
  for (const auto &row : f["overflow_signed"])
    EXPECT_EQ(evaluate(Opcode::Wrap, row["x"], 0, row["bits"]),
              row["y"].get<int>())
        << row;
}

// Whole traces: every u, v and spike of 200 steps.
TEST(Vm, GoldenTraces) {
  const auto json = data("loihi/loihi_golden_nengo.json");
  if (json.is_null())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const Program program = compartment();
  EXPECT_GE(json["cases"].size(), 30u);
  for (const auto &c : json["cases"]) {
    const auto param = [&](const std::string &name) -> int32_t {
      return name == "ds_offset"
                 ? 1
                 : c[name == "vth" ? "vth_mant" : name].get<int32_t>();
    };
    std::vector<int32_t> params;
    for (const std::string &name : program.params)
      params.push_back(param(name));
    std::vector<int32_t> q(202, 0);
    for (const auto &synapse : c["synapses"])
      for (size_t step : synapse["input_spike_steps"])
        q[step + 1] += synapse["eff_weight"].get<int32_t>();
    std::vector<int32_t> state(3, 0);
    const auto &trace = c["trace"];
    for (size_t step = 1; step <= 200; ++step) {
      bool fired = false;
      int32_t payload = 0;
      runScalar(program, params, state, {&q[step], 1}, 0, fired, payload);
      ASSERT_EQ(state[0], trace["u"][step - 1].get<int>())
          << c["name"] << " step " << step;
      ASSERT_EQ(state[1], trace["v"][step - 1].get<int>())
          << c["name"] << " step " << step;
      ASSERT_EQ(state[2], trace["ref"][step - 1].get<int>())
          << c["name"] << " step " << step;
      ASSERT_EQ(fired, trace["s"][step - 1].get<int>() != 0)
          << c["name"] << " step " << step;
      ASSERT_EQ(payload, fired ? 1 : 0);
    }
  }
}

TEST(Vm, RandomDependsOnEverything) {
  std::set<uint64_t> keys;
  for (uint64_t seed = 0; seed < 4; ++seed)
    for (uint32_t core = 0; core < 4; ++core)
      for (uint32_t c = 0; c < 4; ++c)
        for (uint64_t step = 1; step < 5; ++step)
          keys.insert(randomKey(seed, core, c, step));
  EXPECT_EQ(keys.size(), 256u);
  EXPECT_NE(randomValue(1, 0), randomValue(1, 1));
  double sum = 0;
  for (size_t i = 0; i < 10000; ++i)
    sum += randomValue(5, i);
  EXPECT_LT(std::abs(sum / 10000), 0x1p31 * 0.03); // 5 sigma
}

// Writes become visible in the next step, whatever their order.
TEST(Vm, LoadsSeeTheStartOfTheStep) {
  Program p;
  p.name = "swap";
  p.registers = 2;
  p.states = {{"a", 31}, {"b", 31}};
  p.code = {{Opcode::Load, 0, 0, 0, 0},
            {Opcode::Write, 0, 0, 0, 1},
            {Opcode::Load, 1, 0, 0, 1},
            {Opcode::Write, 0, 1, 0, 0}};
  ASSERT_EQ(checked(p), "");
  std::vector<int32_t> state = {1, 2};
  bool fired = true;
  int32_t payload = 0;
  const std::vector<int32_t> inputs = {0};
  runScalar(p, {}, state, inputs, 0, fired, payload);
  EXPECT_EQ(state, (std::vector<int32_t>{2, 1}));
  EXPECT_FALSE(fired);
}
