//===- tests/unit/dialects/neuron/IntegerFormsTest.cpp - if, lif, li ------===//
//===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The integer forms of NIR's neurons, against a recorded run of Lava, the
// common benchmark networks' neurons, and formulas written here once more.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/dialects/neuron/TestModel.h"

#include "base/Random.h"
#include "compiler/programs/Programs.h"
#include "image/ProgramVm.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <algorithm>
#include <chrono>
#include <sstream>

using namespace hillock;
using namespace hillock::neuron;
using namespace hillock::neuron::test;

namespace {
// Rows of "spike in, voltage, spike out".
std::vector<std::vector<double>> readCsv(const std::string &path) {
  std::ifstream in(path);
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');)
      rows.back().push_back(std::stod(cell));
  }
  return rows;
}

// The LIF of the NIR paper (tau 2.5 ms, dt 0.1 ms) as Lava's fixed-point LIF
// ran it: the voltage keeps 4096 - 163 parts of 4096, a spike adds 640, the
// threshold is 1600, and a spike in row t is felt in row t + 1.
TEST(Lif, EqualsLavaOnTheExampleOfTheNirPaper) {
  const auto path = dataFile("nir/01_lif/lif_lava_cpu_fixed.csv");
  if (!path)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const auto rows = readCsv(*path);
  ASSERT_EQ(rows.size(), 1000u);
  TestModel lif("lif", {{"factor_v", 4096 - 163},
                        {"bias", 0},
                        {"vth", 1600},
                        {"v_reset", 0},
                        {"reset_mode", 0},
                        {"refract_delay", 1}});
  TestModel li("li", {{"factor_v", 4096 - 163}, {"bias", 0}});
  std::vector<size_t> spikes;
  for (size_t t = 0; t < rows.size(); ++t) {
    const int32_t input = t > 0 && rows[t - 1][0] != 0 ? 640 : 0;
    lif.step(input);
    li.step(input);
    ASSERT_EQ(lif.get("v"), rows[t][1]) << "row " << t;
    ASSERT_EQ(lif.fired, rows[t][2] != 0) << "row " << t;
    if (lif.fired)
      spikes.push_back(t);
    // Without a threshold the voltage is the same up to the first spike.
    if (spikes.empty()) {
      ASSERT_EQ(li.get("v"), rows[t][1]) << "row " << t;
      ASSERT_EQ(li.payload, rows[t][1]) << "row " << t;
    }
  }
  EXPECT_EQ(spikes, (std::vector<size_t>{461, 511, 711, 761}));
}

struct Reference {
  int64_t factorU = 0, factorV = 4096, bias = 0, vth = 0, vReset = 0;
  bool subtract = false, current = false;
  int64_t refract = 0;
  int64_t u = 0, v = 0, pause = 0;

  static int64_t limit(int64_t x) {
    return std::clamp<int64_t>(x, -8388607, 8388607);
  }
  int64_t integrate(int64_t input) {
    if (current)
      input = u = limit(towardZero(u, factorU) + input);
    return limit(towardZero(v, factorV) + input + bias);
  }
  bool step(int64_t input) {
    const int64_t next = integrate(input);
    if (pause > 0) {
      --pause;
      return false;
    }
    v = next;
    if (v <= vth)
      return false;
    v = subtract ? limit(v - vth) : vReset;
    pause = std::max<int64_t>(refract - 1, 0);
    return true;
  }
};

void compare(const std::string &name, const Reference &start, uint64_t seed) {
  SCOPED_TRACE(name + " " + std::to_string(seed));
  std::vector<std::pair<std::string, int64_t>> params = {
      {"bias", start.bias},
      {"vth", start.vth},
      {"v_reset", start.vReset},
      {"reset_mode", start.subtract},
      {"refract_delay", start.refract}};
  if (name != "if")
    params.emplace_back("factor_v", start.factorV);
  if (name == "cuba_lif")
    params.emplace_back("factor_u", start.factorU);
  Reference reference = start;
  TestModel model(name, params);
  CounterRandom random(seed);
  for (int t = 0; t < 2000; ++t) {
    const auto input = static_cast<int32_t>(random.below(4001)) - 1500;
    model.step(input);
    ASSERT_EQ(reference.step(input), model.fired) << "step " << t;
    ASSERT_EQ(reference.v, model.get("v")) << "step " << t;
  }
}

TEST(IntegerForms, FollowTheirFormulas) {
  CounterRandom random(21);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Reference r;
    r.factorU = static_cast<int64_t>(random.below(4097));
    r.factorV = static_cast<int64_t>(random.below(4097));
    r.bias = static_cast<int64_t>(random.below(201)) - 100;
    r.vth = static_cast<int64_t>(random.below(20000));
    r.vReset = static_cast<int64_t>(random.below(2001)) - 1000;
    r.subtract = random.bernoulli(0.5);
    r.refract = static_cast<int64_t>(random.below(6));
    compare("lif", r, seed);
    r.current = true;
    compare("cuba_lif", r, seed);
    r.current = false;
    r.factorV = 4096;
    compare("if", r, seed);
  }
}

// A large excess over the threshold leaves in one spike a step.
TEST(If, SubtractsOneThresholdAStep) {
  TestModel model("if", {{"bias", 0},
                         {"vth", 100},
                         {"v_reset", 0},
                         {"reset_mode", 1},
                         {"refract_delay", 0}});
  std::string spikes;
  for (int t = 0; t < 6; ++t) {
    model.step(t == 0 ? 350 : 0);
    spikes += model.fired ? '1' : '0';
  }
  EXPECT_EQ(spikes, "111000");
  EXPECT_EQ(model.get("v"), 50);
}

TEST(CubaLi, FollowsItsFormula) {
  TestModel model("cuba_li",
                  {{"factor_u", 3000}, {"factor_v", 4000}, {"bias", -7}});
  Reference r;
  r.current = true;
  r.factorU = 3000;
  r.factorV = 4000;
  r.bias = -7;
  CounterRandom random(5);
  for (int t = 0; t < 1000; ++t) {
    const auto input = static_cast<int32_t>(random.below(4001)) - 2000;
    model.step(input);
    r.v = r.integrate(input);
    ASSERT_EQ(model.get("v"), r.v);
    ASSERT_EQ(model.payload, r.v);
    ASSERT_EQ(model.fired, r.v != 0);
  }
}

//===----------------------------------------------------------------------===//
// ModelRun and the bytecode, apart from the library
//===----------------------------------------------------------------------===//

constexpr const char *noisy = R"mlir(
neuron.model @noisy ports 1 {
  %a = neuron.state "a" bits 31 : i32
  %b = neuron.state "b" bits 31 : i32
  %p = neuron.param "p" range -9 to 9
  %0 = neuron.random
  %1 = neuron.random
  %c = arith.cmpi sgt, %0, %1 : i32
  %n = arith.extui %c : i1 to i32
  %sum = arith.addi %0, %p : i32
  neuron.write "b", %sum
  neuron.write "a", %1
  neuron.fire %c payload %n
}
)mlir";

mlir::OwningOpRef<mlir::ModuleOp> parse(mlir::MLIRContext &context,
                                        llvm::StringRef text) {
  context.loadDialect<NeuronDialect>();
  return mlir::parseSourceString<mlir::ModuleOp>(text, &context);
}

TEST(ModelRun, DrawsTheNumbersOfTheBytecode) {
  mlir::MLIRContext context;
  auto module = parse(context, noisy);
  ASSERT_TRUE(module);
  ModelOp model = *module->getOps<ModelOp>().begin();
  Expected<image::Program> program = programs::toBytecode(model);
  ASSERT_TRUE(bool(program)) << takeText(program.takeError());
  std::vector<size_t> draws;
  for (size_t i = 0; i < program->code.size(); ++i)
    if (program->code[i].op == image::Opcode::Random)
      draws.push_back(i);
  ASSERT_EQ(draws.size(), 2u);
  ModelRun run(model);
  for (uint64_t step = 0; step < 100; ++step) {
    const uint64_t key = image::randomKey(1, 2, 3, step);
    run.setRandom(
        [&](size_t draw) { return image::randomValue(key, draws[draw]); });
    std::vector<int32_t> state = {0, 0}, other = {0, 0}, params = {-3};
    bool fired = false, otherFired = false;
    int32_t payload = 0, otherPayload = 0;
    run.step({0}, [](llvm::StringRef) { return -3; }, state, fired, payload);
    image::runScalar(*program, params, other, std::vector<int32_t>{0}, key,
                     otherFired, otherPayload);
    EXPECT_EQ(state, other);
    EXPECT_EQ(fired, otherFired);
    EXPECT_EQ(payload, otherPayload);
    EXPECT_EQ(state[1], image::randomValue(key, draws[1]) * 0 +
                            image::randomValue(key, draws[0]) - 3);
  }
}

TEST(ToBytecode, SaysHowManyRegistersAreTooMany) {
  std::string text = "neuron.model @big ports 1 {\n"
                     "  %v = neuron.state \"v\" bits 31 : i32\n"
                     "  %x0 = neuron.input 0\n";
  for (int i = 1; i <= 300; ++i)
    text += "  %x" + std::to_string(i) + " = arith.addi %x" +
            std::to_string(i - 1) + ", %x0 : i32\n";
  text += "  neuron.write \"v\", %x300\n}\n";
  mlir::MLIRContext context;
  auto module = parse(context, text);
  ASSERT_TRUE(module);
  Expected<image::Program> program =
      programs::toBytecode(*module->getOps<ModelOp>().begin());
  ASSERT_FALSE(bool(program));
  ErrorKind kind = ErrorKind::Internal;
  const std::string message = takeText(program.takeError(), &kind);
  EXPECT_EQ(kind, ErrorKind::Capacity);
  EXPECT_NE(message.find("needs 301 registers, bytecode has 256"),
            std::string::npos)
      << message;
}

TEST(FromBytecode, RefusesWhatIsNoProgram) {
  mlir::MLIRContext context;
  image::Program program;
  program.name = "bad";
  program.registers = 1;
  program.code = {{image::Opcode::Load, 0, 0, 0, 7}};
  auto model = programs::fromBytecode(program, &context);
  ASSERT_FALSE(bool(model));
  takeText(model.takeError());
}

// A number in a register may be taken as a condition: any but 0 is true.
TEST(FromBytecode, MakesConditionsOfNumbers) {
  using image::Opcode;
  image::Program program;
  program.name = "number";
  program.registers = 3;
  program.states = {{"v", 31}};
  program.code = {{Opcode::Input, 0, 0, 0, 0},
                  {Opcode::Const, 1, 0, 0, 1},
                  {Opcode::Select, 2, 1, 0, 0},
                  {Opcode::Write, 0, 2, 0, 0},
                  {Opcode::Fire, 0, 0, 0, 0}};
  mlir::MLIRContext context;
  auto model = programs::fromBytecode(program, &context);
  ASSERT_TRUE(bool(model)) << takeText(model.takeError());
  ModelRun run(model->get());
  std::vector<int32_t> state = {0};
  bool fired = false;
  int32_t payload = 0;
  run.step({2}, llvm::ArrayRef<int32_t>{}, state, fired, payload);
  EXPECT_EQ(state[0], 1);
  EXPECT_TRUE(fired);
  EXPECT_EQ(payload, 2);
  run.step({0}, llvm::ArrayRef<int32_t>{}, state, fired, payload);
  EXPECT_EQ(state[0], 0);
  EXPECT_FALSE(fired);
}

// The oracle must stay usable on 10,000 compartments and 300 steps; the bound
// is far below what is measured (more than 100 million a second).
TEST(ModelRun, IsNotTooSlow) {
  mlir::MLIRContext context;
  auto model = library::parse(&context, "loihi1_compartment");
  ModelRun run(model.get());
  std::vector<int32_t> state(run.stateNames().size());
  std::vector<int32_t> params = {409, 128, 1, 100, 0, 0, 7, 23, 1, 0};
  bool fired = false;
  int32_t payload = 0;
  const int steps = 50000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i)
    run.step({i % 10 ? 0 : 6400}, params, state, fired, payload);
  const std::chrono::duration<double> time =
      std::chrono::steady_clock::now() - begin;
  const double rate =
      steps * static_cast<double>(run.opsPerStep()) / time.count();
  RecordProperty("ops_per_second", std::to_string(rate));
  EXPECT_GT(rate, 2e6);
}
} // namespace
