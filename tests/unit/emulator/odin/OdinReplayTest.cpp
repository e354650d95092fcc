//===- tests/unit/emulator/odin/OdinReplayTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every field of the recorded traces; the traces are those of the public RTL.
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/ReadOdin.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::runtime;

namespace {

std::vector<std::string> traces() {
  std::vector<std::string> paths;
  if (const char *folder = std::getenv("HILLOCK_DATA")) {
    std::error_code code;
    std::filesystem::directory_iterator it(std::string(folder) + "/odin", code);
    for (; !code && it != std::filesystem::directory_iterator();
         it.increment(code))
      if (it->path().extension() == ".json")
        paths.push_back(it->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths.empty() ? std::vector<std::string>{""} : paths;
}

std::string slurp(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

class OdinTrace : public testing::TestWithParam<std::string> {};

TEST_P(OdinTrace, EveryFieldIsEqual) {
  if (GetParam().empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set or has no odin/*.json";
  auto result = replayFile(GetParam());
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
  EXPECT_EQ(result->cases, 1u);
  // Both memories at least.
  EXPECT_GE(result->values, 256u + 8192u);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, OdinTrace, testing::ValuesIn(traces()), [](const auto &info) {
      std::string name = std::filesystem::path(info.param).stem().string();
      return name.empty() ? std::string("none") : name;
    });

// One wrong number anywhere is found and named.
TEST(OdinReplay, CorruptedTraceIsNoticed) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  std::string text =
      slurp(std::string(folder) + "/odin/tiny_02_virtual_spike.json");
  auto parsed = llvm::json::parse(text);
  ASSERT_TRUE(bool(parsed)) << takeText(parsed.takeError());
  using Change = void (*)(llvm::json::Object &);
  std::pair<const char *, Change> changes[] = {
      {"aer_in",
       [](llvm::json::Object &r) {
         (*(*r.getArray("aer_in"))[3].getAsArray())[2] = 999;
       }},
      {"aer_out",
       [](llvm::json::Object &r) {
         (*(*r.getArray("aer_out"))[1].getAsArray())[1] = 9;
       }},
      {"aer_out (rows)",
       [](llvm::json::Object &r) { r.getArray("aer_out")->pop_back(); }},
      {"fsm",
       [](llvm::json::Object &r) {
         (*(*r.getArray("fsm"))[7].getAsArray())[1] = 0xF;
       }},
      {"fifo",
       [](llvm::json::Object &r) {
         (*(*r.getArray("fifo"))[7].getAsArray())[0] = 1;
       }},
      {"dropped_push_cycles (rows)",
       [](llvm::json::Object &r) {
         r.getArray("dropped_push_cycles")->push_back(17);
       }},
      {"cycles", [](llvm::json::Object &r) { r["cycles"] = 434; }},
      {"hash_final",
       [](llvm::json::Object &r) { r["hash_final"] = "18494b75e10695c2"; }},
      {"final_neurons",
       [](llvm::json::Object &r) {
         (*r.getArray("final_neurons"))[200] = "12345678";
       }},
      {"final_synapses",
       [](llvm::json::Object &r) {
         r.getObject("final_synapses")
             ->getArray("words")
             ->push_back(llvm::json::Array{8191, "00000001"});
       }},
  };
  for (auto [field, change] : changes) {
    llvm::json::Value copy = *parsed;
    change(*copy.getAsObject()->getObject("result"));
    std::string corrupted;
    llvm::raw_string_ostream(corrupted) << copy;
    auto result = replayText(corrupted, "corrupted");
    ASSERT_TRUE(bool(result)) << takeText(result.takeError());
    ASSERT_EQ(result->differences.size(), 1u) << field;
    EXPECT_EQ(result->differences[0].field, field);
    EXPECT_EQ(result->differences[0].caseName, "tiny_02_virtual_spike");
  }
}

// The pins of a recorded trace, as anyone's testbench would write them.
TEST(OdinReplay, PinsAsText) {
  // Two inputs of weight 7 make neuron 1 (threshold 10) fire: request at 0,
  // acknowledge after edge 3 (README of the traces, tiny_02), and so on.
  std::string text = R"(hillock-odin-pins 1
chip tinyodin
cycles 100
register 1 1      # open loop
register 3 255
neuron 1 0000a000
@0 aerin_req=1 aerin_addr=0x271
=3 aerin_ack=1
@4 aerin_req=0
=6 aerin_ack=0
@7 aerin_req=1
=11 aerin_ack=1
@12 aerin_req=0
=14 aerin_ack=0
=17 aerout_req=1 aerout_addr=1
@18 aerout_ack=1
=20 aerout_req=0
@21 aerout_ack=0
final neuron 1 0000a000
)";
  auto result = replayText(text, "pins.txt");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
  EXPECT_EQ(result->chip, "tinyodin");
  std::string wrong = text;
  wrong.replace(wrong.find("=17"), 3, "=18");
  result = replayText(wrong, "pins.txt");
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  ASSERT_FALSE(result->matches());
  EXPECT_EQ(result->differences[0].field, "aerout_req");
  EXPECT_EQ(result->differences[0].step, 17u);
  wrong.replace(wrong.find("@18"), 3, "@x8");
  result = replayText(wrong, "pins.txt");
  ASSERT_FALSE(bool(result));
  EXPECT_NE(takeText(result.takeError()).find("line 16"), std::string::npos);
}

TEST(OdinReplay, AbsentFieldIsAnError) {
  auto result = replayText(
      R"({"format": "odin-golden-1", "chip": "odin", "init": {}})", "short");
  ASSERT_FALSE(bool(result));
  EXPECT_NE(takeText(result.takeError()).find("'config'"), std::string::npos);
}

} // namespace
