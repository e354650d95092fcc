//===- tests/unit/tools/hillock/ToolTest.cpp - Tables, probes, comparison -===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Compare.h"
#include "tools/hillock/Disturb.h"
#include "tools/hillock/Output.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::tool;

namespace {

TEST(Output, TableSetsNumbersRight) {
  EXPECT_EQ(table({{"name", "count"}, {"a", "7"}, {"long name", "1,234"}}),
            "  name       count\n"
            "  a              7\n"
            "  long name  1,234\n");
  EXPECT_EQ(table({}), "");
}

TEST(Output, Numbers) {
  EXPECT_EQ(fixed(1.25, 1), "1.2");
  EXPECT_EQ(fixed(1.0 / 0.0, 1), "n/a");
  EXPECT_EQ(percent(0.99444), "99.44 %");
}

TEST(Output, ErrorsHaveTheExitCodeOfTheirKind) {
  EXPECT_EQ(reportError(inputError("x"), false), 1);
  EXPECT_EQ(reportUsage("x", "", false), 2);
  EXPECT_EQ(reportError(makeError(ErrorKind::Mismatch, "x"), false), 3);
  EXPECT_EQ(reportError(makeError(ErrorKind::Capacity, "x"), false), 4);
  EXPECT_EQ(reportError(makeError(ErrorKind::Internal, "x"), false), 70);
}

TEST(Output, InternalErrorsAskForAReport) {
  testing::internal::CaptureStderr();
  reportError(makeError(ErrorKind::Internal, "the sky fell"), false);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("hillock: internal error: the sky fell\n"), 0u);
  EXPECT_NE(text.find("please report it"), std::string::npos);
}

TEST(Output, JsonErrorsSurviveNamesThatAreNoUtf8) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  reportError(inputError("bad \xFF name", "f", "rename it"), true);
  testing::internal::GetCapturedStderr();
  const Json document =
      Json::parse(testing::internal::GetCapturedStdout(), nullptr, false);
  ASSERT_TRUE(document.is_object());
  EXPECT_EQ(document["error"]["kind"], "input");
  EXPECT_EQ(document["error"]["exit_code"], 1);
  EXPECT_EQ(document["error"]["hint"], "rename it");
}

TEST(Probe, Forms) {
  const auto parse = [](const std::string &text) {
    return llvm::cantFail(parseProbe(text));
  };
  EXPECT_EQ(parse("lif").population, "lif");
  EXPECT_EQ(parse("lif").state, "");
  EXPECT_EQ(parse("lif").last, -1);
  EXPECT_EQ(parse("lif:u").state, "u");
  EXPECT_EQ(parse("a:b:v").population, "a:b");
  EXPECT_EQ(parse("lif[3]").first, 3);
  EXPECT_EQ(parse("lif[3-9]:v").last, 9);
  EXPECT_EQ(parse("lif[3-9]:v").population, "lif");
}

TEST(Probe, Mistakes) {
  for (const char *text : {"", ":v", "lif:", "lif[", "lif[]", "lif[x]",
                           "lif[9-3]", "[3]:v", "lif[-1]", "lif[1-]"}) {
    Expected<ProbeRequest> probe = parseProbe(text);
    if (probe) {
      // "lif[" is a legal name of a population, if a strange one.
      EXPECT_STREQ(text, "lif[");
      continue;
    }
    ErrorKind kind = ErrorKind::Input;
    takeText(probe.takeError(), &kind);
    EXPECT_EQ(kind, ErrorKind::Usage) << text;
  }
}

LevelResult resultOf(std::vector<runtime::SpikeTrain> populations) {
  LevelResult result;
  result.populations = std::move(populations);
  return result;
}

TEST(Compare, FirstByStepThenPopulationThenNeuron) {
  const LevelResult a = resultOf({{"p", {4}, 9, {{5, 1, 1}, {6, 0, 1}}},
                                  {"q", {4}, 9, {{2, 3, 1}, {3, 0, 1}}}});
  const LevelResult b = resultOf(
      {{"q", {4}, 9, {{2, 3, 1}}}, {"p", {4}, 9, {{5, 1, 1}, {6, 1, 1}}}});
  const Comparison comparison = compareRuns(a, b);
  ASSERT_TRUE(comparison.difference.has_value());
  EXPECT_EQ(comparison.difference->population, "q");
  EXPECT_EQ(comparison.difference->step, 3);
  EXPECT_EQ(comparison.difference->neuron, 0);
  EXPECT_EQ(comparison.difference->first, 1);
  EXPECT_EQ(comparison.difference->second, 0);
  EXPECT_EQ(comparison.differing, 3u);
  EXPECT_EQ(comparison.populations, 2u);
}

TEST(Compare, ValuesCountAndMissingPopulationsAreNamed) {
  const LevelResult a =
      resultOf({{"p", {1}, 3, {{1, 0, 2}}}, {"only a", {1}, 3, {}}});
  const LevelResult b =
      resultOf({{"p", {1}, 3, {{1, 0, 1}}}, {"only b", {1}, 3, {}}});
  const Comparison comparison = compareRuns(a, b);
  ASSERT_TRUE(comparison.difference.has_value());
  EXPECT_EQ(comparison.difference->first, 2);
  EXPECT_EQ(comparison.onlyFirst, std::vector<std::string>{"only a"});
  EXPECT_EQ(comparison.onlySecond, std::vector<std::string>{"only b"});
  EXPECT_FALSE(compareRuns(a, a).difference.has_value());
}

std::vector<std::string> names(std::vector<std::string> noise,
                               std::vector<std::string> occlude) {
  auto list = parseDisturbances(noise, occlude);
  if (!list)
    return {takeText(list.takeError())};
  std::vector<std::string> result;
  for (const Disturbance &one : *list)
    result.push_back(one.name);
  return result;
}

TEST(Disturb, ListsAndSweeps) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({"gaussian:10,0.5"}, {"4x6"}),
            (Names{"noise gaussian:10", "noise gaussian:0.5", "occlude 4x6"}));
  EXPECT_EQ(
      names({"gaussian:10:30:10"}, {"2x2:6x6:2,9x1"}),
      (Names{"noise gaussian:10", "noise gaussian:20", "noise gaussian:30",
             "occlude 2x2", "occlude 4x4", "occlude 6x6", "occlude 9x1"}));
  // A last step that rounding would lose.
  EXPECT_EQ(names({"gaussian:0.1:0.3:0.1"}, {}).size(), 3u);
  for (const char *bad :
       {"gaussian", "gaussian:", "gaussian:-1", "gaussian:nan", "salt:3",
        "gaussian:1:2", "gaussian:3:1:1", "gaussian:1:2:0",
        "gaussian:1:1e9:1e-3"})
    EXPECT_NE(names({bad}, {}).front().find("--noise"), std::string::npos)
        << bad;
  for (const char *bad :
       {"7", "0x3", "-1x3", "3x", "x", "2x2:8x8", "8x8:2x2:1", "1x1:4x4:0",
        "1x1:1000x1000:1", "99999999999999999999x1"})
    EXPECT_NE(names({}, {bad}).front().find("--occlude"), std::string::npos)
        << bad;
}

TEST(Disturb, AWindowLiesInsideInEveryChannel) {
  const Disturbance window{"", 0, 2, 1};
  for (uint64_t sample = 0; sample < 50; ++sample) {
    std::vector<float> x(2 * 3 * 4, 1);
    window.apply(x, {2, 3, 4}, sample, 1);
    int64_t zeros = 0;
    for (size_t i = 0; i < 12; ++i) {
      EXPECT_EQ(x[i], x[i + 12]);
      zeros += x[i] == 0;
    }
    EXPECT_EQ(zeros, 2);
  }
  EXPECT_DOUBLE_EQ(window.coverage({2, 3, 4}), 2.0 / 12);
  EXPECT_DOUBLE_EQ((Disturbance{"", 0, 99, 99}).coverage({3, 4}), 1);
}

TEST(Disturb, NoiseHasItsSigma) {
  const Disturbance noise{"", 3, 0, 0};
  std::vector<float> x(20000, 0);
  noise.apply(x, {20000}, 7, 1);
  double sum = 0, squares = 0;
  for (const float value : x) {
    sum += value;
    squares += value * value;
  }
  // Five standard errors of mean and variance.
  EXPECT_NEAR(sum / 20000, 0, 5 * 3 / std::sqrt(20000.0));
  EXPECT_NEAR(squares / 20000, 9, 5 * 9 * std::sqrt(2 / 20000.0));
}

} // namespace
