//===- tests/unit/emulator/learning/RuleParserTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/learning/LearningRule.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::emu;

namespace {

using Var = LearningVariable;
using Gate = LearningGate;

std::vector<LearningProduct> parse(const std::string &text) {
  auto result = parseLearningProducts(text);
  if (!result) {
    ADD_FAILURE() << text << ": " << takeText(result.takeError());
    return {};
  }
  return *result;
}

std::string failure(const std::string &text) {
  auto result = parseLearningProducts(text, "dw");
  return result ? "parsed" : takeText(result.takeError());
}

LearningFactor plain(Var variable) { return {variable, 0, false}; }

TEST(RuleParser, PairStdp) {
  std::vector<LearningProduct> expected = {
      {Gate::PostSpike, 0, 1, -2, {plain(Var::X1)}},
      {Gate::PreSpike, 0, -1, -2, {plain(Var::Y1)}}};
  EXPECT_EQ(parse("2^-2*x1*y0 - 2^-2*x0*y1"), expected);
  EXPECT_EQ(parse("  y0 * x1 * 2 ^ -2-x0*2^-2*y1 "), expected);
  EXPECT_EQ(parse("+2^-2*x1*y0 + x0*(-1)*2^-2*y1"), expected);
}

TEST(RuleParser, Factors) {
  std::vector<LearningProduct> expected = {{Gate::Epoch,
                                            2,
                                            3,
                                            -1,
                                            {{Var::Weight, 4, false},
                                             {Var::Tag, -2, true},
                                             plain(Var::Y3),
                                             plain(Var::Delay)}}};
  EXPECT_EQ(parse("3*2^-1*u2*(w + 4)*sgn(t - 2)*y3*d"), expected);
  EXPECT_EQ(parse("u2*3*2^-1*(2^2 + w)*sgn(-2 + t)*(y3)*(d)"), expected);
  // c - v is -(v - c), and so is its sign.
  expected = {{Gate::PreSpike, 0, -1, 0, {{Var::Y1, -3, false}}}};
  EXPECT_EQ(parse("x0*(3 - y1)"), expected);
  expected = {{Gate::PreSpike, 0, -1, 0, {{Var::Weight, -12, true}}}};
  EXPECT_EQ(parse("x0*sgn(3*2^2 - w)"), expected);
  // After the gate, x0 and y0 are factors.
  expected = {{Gate::Epoch, 0, 1, 0, {plain(Var::X0), plain(Var::Y0)}}};
  EXPECT_EQ(parse("u0*x0*y0"), expected);
  expected = {{Gate::PostSpike, 0, 1, 0, {{Var::X0, 1, false}}}};
  EXPECT_EQ(parse("y0*(x0 + 1)"), expected);
}

/// Lava halves even mantissas above 7, and no others.
TEST(RuleParser, Scales) {
  auto scale = [](const std::string &text) {
    auto products = parse(text + "*x0");
    return products.empty()
               ? std::pair(0, 0)
               : std::pair(products[0].mantissa, products[0].exponent);
  };
  EXPECT_EQ(scale("6"), std::pair(6, 0));
  EXPECT_EQ(scale("8"), std::pair(4, 1));
  EXPECT_EQ(scale("-8"), std::pair(-4, 1));
  EXPECT_EQ(scale("96"), std::pair(6, 4));
  EXPECT_EQ(scale("7*2^8"), std::pair(7, 8));
  EXPECT_EQ(scale("-8*2^8"), std::pair(-8, 8));
  EXPECT_EQ(scale("2*3*2^-3*2^1"), std::pair(6, -2));
  EXPECT_EQ(scale("(2)*(-3)"), std::pair(-6, 0));
  EXPECT_EQ(scale("0"), std::pair(0, 0));
}

TEST(RuleParser, Errors) {
  struct {
    const char *rule, *column, *what;
  } cases[] = {
      {"", "column 1", "empty"},
      {"x1*y1", "column 1", "none of x0, y0 and u_k"},
      {"x0*y1 + 2^-2*x1", "column 9", "none of x0, y0 and u_k"},
      {"x0*y4", "column 4", "'y4' is not a variable"},
      {"x0*u1", "column 4", "second trigger"},
      {"u1*x1 - u2*y1", "column 9", "u2 after u1"},
      {"u12*x1", "column 1", "'u12' is not a variable"},
      {"9*x0", "column 1", "scale 9 * 2^0"},
      {"y0 - 2^9*x0", "column 6", "exponent 9"},
      {"2^-8*x0", "column 1", "exponent -8"},
      {"3^2*x0", "column 1", "power of 3"},
      {"0.5*x0", "column 1", "no fractions"},
      {"x0*(w + 300)", "column 9", "300"},
      {"x0*(w + 2^-1)", "column 9", "not an integer"},
      {"x0*(w + t)", "column 9", "second variable"},
      {"x0*(w + 1 + 2)", "column 13", "second constant"},
      {"x0*(w", "column 6", "expected +, - or )"},
      {"x0*()", "column 5", "expected a variable"},
      {"x0*sgn(y1)", "column 8", "sgn()"},
      {"x0*sgn(3)", "column 8", "sgn()"},
      {"x0*sgn w", "column 8", "expected ("},
      {"x0 y1", "column 4", "expected +, - or *"},
      {"x0*", "column 4", "expected a factor, but the rule ends"},
      {"x0*-y1", "column 4", "expected a factor"},
      {"x0*exp(w)", "column 4", "'exp' is not a variable"},
      {"99999999999999999999*x0", "column 1", "above"},
  };
  for (const auto &one : cases) {
    std::string text = failure(one.rule);
    EXPECT_NE(text.find("dw, " + std::string(one.column) + ": "),
              std::string::npos)
        << one.rule << ": " << text;
    EXPECT_NE(text.find(one.what), std::string::npos)
        << one.rule << ": " << text;
  }
}

TEST(LearningRule, Check) {
  LearningRule rule;
  EXPECT_FALSE(bool(rule.check()));
  auto refuses = [](LearningRule bad, const char *what) {
    std::string text = takeText(bad.check());
    EXPECT_NE(text.find(what), std::string::npos) << text;
  };
  LearningRule bad = rule;
  bad.epochSteps = 64;
  refuses(bad, "64 steps");
  bad = rule;
  bad.traces[TraceY2].impulse = -1;
  refuses(bad, "trace y2");
  bad = rule;
  bad.traces[TraceX1].tau = std::numeric_limits<double>::quiet_NaN();
  refuses(bad, "trace x1");
  bad = rule;
  bad.of(LearningTarget::Delay) = {{Gate::PreSpike, 0, 8, 0, {}}};
  refuses(bad, "dd product 1: mantissa 8");
  bad = rule;
  bad.of(LearningTarget::Tag) = {{Gate::PreSpike, 0, 1, 9, {}}};
  refuses(bad, "dt product 1: exponent 9");
  bad = rule;
  bad.of(LearningTarget::Weight) = {
      {Gate::PreSpike, 0, 1, 0, {{Var::X1, 0, true}}}};
  refuses(bad, "sgn() of x1");
  bad = rule;
  bad.of(LearningTarget::Weight) = {{Gate::Epoch, 1, 1, 0, {}}};
  bad.of(LearningTarget::Tag) = {{Gate::Epoch, 2, 1, 0, {}}};
  refuses(bad, "u2 after u1");
}

} // namespace
