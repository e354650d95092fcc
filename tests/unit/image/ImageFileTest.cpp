//===- tests/unit/image/ImageFileTest.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/ImageFile.h"
#include "base/AtomicFile.h"
#include "target/Hash.h"
#include "tests/unit/image/Support.h"

using namespace hillock;
using namespace hillock::image;
using testing::HasSubstr;

namespace {

/// Two cores: the first sends to the second, an input enters the first.
proto::Image smallImage() {
  const target::TargetModel loihi = builtin("loihi");
  proto::Image image;
  image.set_format(imageFormat);
  image.set_producer("test");
  *image.mutable_target() = loihi.proto();
  Program program;
  program.name = "relay";
  program.registers = 2;
  program.states = {{"v", 23}};
  program.params = {"vth"};
  program.code = {{Opcode::Input, 0, 0, 0, 0},
                  {Opcode::Param, 1, 0, 0, 0},
                  {Opcode::Write, 0, 0, 0, 0},
                  {Opcode::Fire, 0, 0, 1, 0}};
  *image.add_program() = toProto(program);
  CoreTables t = smallTables();
  t.axonsOut[0].core = t.axonsOut[1].core = 9;
  *image.add_core() = take(pack(t, loihi));
  t.core = 9;
  t.initialState["v"] = {1, 2};
  *image.add_core() = take(pack(t, loihi));
  proto::Port &in = *image.mutable_io()->add_input();
  in.set_name("in");
  in.add_shape(1);
  in.add_first(0);
  in.add_first(1);
  in.add_core(0);
  in.add_index(0);
  proto::Port &out = *image.mutable_io()->add_output();
  out.set_name("out");
  out.add_shape(2);
  for (uint32_t n : {0u, 1u}) {
    out.add_first(n);
    out.add_core(1);
    out.add_index(n);
  }
  out.add_first(2);
  proto::Population &population = *image.mutable_debug()->add_population();
  population.set_name("hidden");
  population.add_shape(2);
  for (uint32_t n : {0u, 1u}) {
    population.add_core(0);
    population.add_compartment(n);
  }
  return image;
}

/// A file around \p payload whose header is right.
std::string framed(const std::string &payload) {
  std::string bytes = "HILLOCK1";
  for (uint64_t value : {uint64_t{payload.size()}, target::hashBytes(payload)})
    for (int i = 0; i < 8; ++i)
      bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes + payload;
}

template <typename Change> std::string loadProblem(Change change) {
  proto::Image image = smallImage();
  change(image);
  return problem(load(std::move(image), "m.hlk"));
}

} // namespace

TEST(File, RoundTrip) {
  const proto::Image image = smallImage();
  const std::string bytes = serialize(image);
  EXPECT_EQ(bytes, serialize(proto::Image(image)));
  EXPECT_EQ(bytes, framed(bytes.substr(24)));
  const proto::Image back = take(parseImage(bytes, "m.hlk"));
  EXPECT_EQ(serialize(back), bytes);
  const std::string path = testing::TempDir() + "m.hlk";
  ASSERT_FALSE(bool(writeImage(image, path)));
  EXPECT_EQ(serialize(take(readImage(path))), bytes);
}

TEST(File, LoadedImage) {
  const LoadedImage loaded = take(load(smallImage(), "m.hlk"));
  ASSERT_EQ(loaded.cores.size(), 2u);
  EXPECT_EQ(loaded.target.name(), "loihi");
  EXPECT_EQ(loaded.programs.at(0).name, "relay");
  EXPECT_EQ(loaded.cores[0].axonsOut[0].core, 9u);
  EXPECT_EQ(loaded.cores[1].initialState.at("v"), (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(loaded.cores[1].rows.mantissa, (std::vector<int16_t>{-4, 254}));
}

TEST(File, EveryFlippedBitIsFound) {
  const std::string bytes = serialize(smallImage());
  for (size_t at = 0; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const std::string text = problem(parseImage(damaged, "m.hlk"));
      ASSERT_THAT(text, HasSubstr("m.hlk: ")) << "byte " << at;
    }
}

TEST(File, EveryTruncationIsFound) {
  const std::string bytes = serialize(smallImage());
  for (size_t size = 0; size < bytes.size(); ++size)
    ASSERT_NE(problem(parseImage(bytes.substr(0, size), "m.hlk")), "no error")
        << size;
  EXPECT_THAT(problem(parseImage(bytes + "x", "m.hlk")),
              HasSubstr("recompile the model"));
  EXPECT_THAT(problem(parseImage(bytes.substr(0, 100), "m.hlk")),
              HasSubstr("cut short"));
}

TEST(File, MessagesSayWhatToDo) {
  EXPECT_THAT(problem(parseImage("PK\3\4 something else", "a.zip")),
              HasSubstr("not a Hillock image"));
  EXPECT_THAT(problem(parseImage(framed("\xff\xff\xff"), "m.hlk")),
              HasSubstr("not an image message"));
  std::string bytes = serialize(smallImage());
  bytes.back() = static_cast<char>(bytes.back() + 1);
  EXPECT_THAT(problem(parseImage(bytes, "m.hlk")),
              testing::AllOf(HasSubstr("damaged"), HasSubstr("recompile")));
  proto::Image future = smallImage();
  future.set_format(imageFormat + 1);
  EXPECT_THAT(problem(parseImage(serialize(future), "m.hlk")),
              HasSubstr("format 2, this program reads format 1"));
  EXPECT_THAT(problem(readImage("no/such.hlk")), HasSubstr("no/such.hlk"));
}

// A damaged payload under a right hash: never a crash, and what loads has the
// structure that the emulator relies on.
TEST(File, DamageBehindTheHash) {
  const std::string payload = serialize(smallImage()).substr(24);
  size_t loaded = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    CounterRandom random(seed);
    std::string damaged = payload;
    for (uint64_t n = 1 + random.below(3); n > 0; --n)
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    Expected<proto::Image> image = parseImage(framed(damaged), "m.hlk");
    if (!image) {
      llvm::consumeError(image.takeError());
      continue;
    }
    Expected<LoadedImage> result = load(std::move(*image), "m.hlk");
    if (result)
      ++loaded;
    else
      llvm::consumeError(result.takeError());
  }
  EXPECT_GT(loaded, 0u); // changed names and sources of the target do no harm
}

TEST(Load, CoresAndPrograms) {
  using I = proto::Image &;
  EXPECT_THAT(loadProblem([](I i) { i.mutable_core()->SwapElements(0, 1); }),
              HasSubstr("not sorted"));
  EXPECT_THAT(loadProblem([](I i) { *i.add_core() = i.core(1); }),
              HasSubstr("occurs twice"));
  EXPECT_THAT(loadProblem([](I i) { i.mutable_core(1)->set_core(128); }),
              HasSubstr("128 cores"));
  EXPECT_THAT(loadProblem([](I i) { i.mutable_core(1)->set_program(1); }),
              HasSubstr("program 1 of 1"));
  EXPECT_THAT(loadProblem([](I i) { *i.add_program() = i.program(0); }),
              HasSubstr("two programs"));
  EXPECT_THAT(loadProblem([](I i) {
                i.mutable_program(0)->mutable_param(0)->set_name("vht");
              }),
              HasSubstr("did you mean 'vth'"));
  EXPECT_THAT(loadProblem([](I i) {
                i.mutable_program(0)->mutable_state(0)->set_name("w");
              }),
              HasSubstr("initial values of 'v'"));
  EXPECT_THAT(loadProblem([](I i) { i.mutable_program(0)->set_code(0, 0); }),
              HasSubstr("unknown operation 0"));
  EXPECT_THAT(loadProblem([](I i) { i.clear_target(); }),
              HasSubstr("m.hlk: target"));
  EXPECT_THAT(loadProblem([](I i) {
                i.mutable_core(1)->mutable_memory(0)->mutable_data()->clear();
              }),
              HasSubstr("m.hlk: core 9 of chip 0, memory 'compartment'"));
}

TEST(Load, Axons) {
  const target::TargetModel loihi = builtin("loihi");
  const auto message = [&](auto change) {
    return loadProblem([&](proto::Image &image) {
      CoreTables t = take(unpack(image.core(0), loihi));
      change(t.axonsOut[1]);
      *image.mutable_core(0) = take(pack(t, loihi));
    });
  };
  EXPECT_THAT(message([](AxonOut &out) { out.core = 8; }),
              HasSubstr("output axon 1: it leads to core 8 of chip 0, which is "
                        "not in the image"));
  // A route off the mesh: there is no such chip.
  EXPECT_THAT(message([](AxonOut &out) { out.chip = 40; }),
              HasSubstr("of chip 40, which is not in the image"));
  EXPECT_THAT(message([](AxonOut &out) { out.axon = 1; }),
              HasSubstr("input axon 1 of 1"));
  EXPECT_THAT(message([](AxonOut &out) { out.type = AxonType::Pop16; }),
              HasSubstr("another type"));
}

TEST(Load, Ports) {
  using I = proto::Image &;
  const auto in = [](I i) { return i.mutable_io()->mutable_input(0); };
  const auto out = [](I i) { return i.mutable_io()->mutable_output(0); };
  EXPECT_THAT(loadProblem([&](I i) { in(i)->set_index(0, 1); }),
              HasSubstr("input 'in', entry 0: axon 1 of 1"));
  EXPECT_THAT(loadProblem([&](I i) { in(i)->set_core(0, 2); }),
              HasSubstr("core 2 of 2"));
  EXPECT_THAT(loadProblem([&](I i) { in(i)->add_atom(1); }),
              HasSubstr("atom 1"));
  EXPECT_THAT(loadProblem([&](I i) { in(i)->add_core(0); }),
              HasSubstr("different lengths"));
  EXPECT_THAT(loadProblem([&](I i) { in(i)->add_shape(3); }),
              HasSubstr("shape"));
  EXPECT_THAT(loadProblem([&](I i) {
                for (int k = 0; k < 3; ++k)
                  in(i)->add_shape(4000000000u);
              }),
              HasSubstr("shape"));
  EXPECT_THAT(loadProblem([&](I i) { in(i)->clear_first(); }),
              HasSubstr("shape"));
  EXPECT_THAT(loadProblem([&](I i) { out(i)->set_index(1, 2); }),
              HasSubstr("output 'out', entry 1: compartment 2 of 2"));
  EXPECT_THAT(loadProblem([&](I i) { out(i)->set_first(1, 7); }),
              HasSubstr("different lengths"));
  EXPECT_THAT(
      loadProblem([&](I i) { *i.mutable_io()->add_output() = *out(i); }),
      HasSubstr("two ports"));
  EXPECT_THAT(loadProblem([](I i) { i.mutable_io()->set_dt_seconds(-1); }),
              HasSubstr("dt_seconds"));
  EXPECT_THAT(loadProblem([](I i) {
                i.mutable_debug()->mutable_population(0)->set_core(1, 5);
              }),
              HasSubstr("'hidden': neuron 1"));
  EXPECT_THAT(loadProblem([](I i) {
                i.mutable_debug()->mutable_population(0)->add_core(0);
              }),
              HasSubstr("do not agree"));
}

// Many cores are decoded by several threads; the first damaged one is named.
TEST(Load, ManyCores) {
  const target::TargetModel loihi = builtin("loihi");
  proto::Image image = smallImage();
  CoreTables t = take(unpack(image.core(1), loihi));
  for (t.core = 10; t.core < 60; ++t.core)
    *image.add_core() = take(pack(t, loihi));
  const LoadedImage loaded = take(load(image, "m.hlk"));
  ASSERT_EQ(loaded.cores.size(), 52u);
  EXPECT_EQ(loaded.cores[51].core, 59u);
  EXPECT_EQ(loaded.cores[51].rows, t.rows);
  for (int core : {50, 20, 40})
    image.mutable_core(core)->mutable_memory(0)->mutable_data()->clear();
  const std::string text = problem(load(image, "m.hlk"));
  EXPECT_THAT(text, HasSubstr("core 28 of chip 0"));
  EXPECT_THAT(text, testing::Not(HasSubstr("core 48")));
}
