//===- emulator/learning/LearningRule.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/learning/LearningRule.h"
#include <cmath>

namespace hillock::emu {

namespace {

struct VariableInfo {
  std::string_view name;
  unsigned bits;
};

// lava magma/core/learning/constants.py: traces have seven bits, synaptic
// variables are counted with their sign.
constexpr VariableInfo variableInfo[] = {
    {"x0", 1}, {"y0", 1}, {"x1", 7}, {"x2", 7}, {"y1", 7}, {"y2", 7},
    {"y3", 7}, {"w", 9},  {"d", 9},  {"t", 9},  {"C", 8}};

bool isSynaptic(LearningVariable variable) {
  return variable == LearningVariable::Weight ||
         variable == LearningVariable::Delay ||
         variable == LearningVariable::Tag;
}

std::string range(int64_t value, const char *allowed) {
  return std::to_string(value) + " is not in " + allowed;
}

Error checkProduct(const LearningProduct &product, const std::string &where) {
  if (product.mantissa < -8 || product.mantissa > 7)
    return inputError("mantissa " + range(product.mantissa, "-8..7"), where);
  if (product.exponent < -7 || product.exponent > 8)
    return inputError("exponent " + range(product.exponent, "-7..8"), where);
  if (product.decimate > 9)
    return inputError("decimate exponent " + range(product.decimate, "0..9"),
                      where);
  for (const LearningFactor &factor : product.factors) {
    if (factor.constant < -32768 || factor.constant > 32767)
      return inputError("constant " + range(factor.constant, "-32768..32767"),
                        where);
    if (factor.sign && !isSynaptic(factor.variable))
      return inputError("sgn() of " +
                            std::string(variableName(factor.variable)),
                        where, "take the sign of w, d or t only");
  }
  return Error::success();
}

} // namespace

std::string_view variableName(LearningVariable variable) {
  return variableInfo[static_cast<size_t>(variable)].name;
}

std::optional<LearningVariable> variableOf(std::string_view name) {
  for (size_t i = 0; i < std::size(variableInfo); ++i)
    if (variableInfo[i].name == name)
      return static_cast<LearningVariable>(i);
  return std::nullopt;
}

unsigned variableBits(LearningVariable variable) {
  return variableInfo[static_cast<size_t>(variable)].bits;
}

Error LearningRule::check() const {
  if (epochSteps < 1 || epochSteps > 63)
    return inputError("an epoch of " + std::to_string(epochSteps) + " steps",
                      "learning rule", "use 1..63 steps");
  for (size_t i = 0; i < traces.size(); ++i) {
    const TraceConfig &trace = traces[i];
    std::string where = "trace " + std::string(traceNames[i]);
    // Written so that a NaN fails.
    if (!(trace.impulse >= 0 && trace.impulse <= 32767))
      return inputError("the impulse is not in 0..32767", where);
    if (!(trace.tau >= 0 && std::isfinite(trace.tau)))
      return inputError("tau is not a number of steps from 0 on", where);
  }
  std::optional<uint32_t> decimate;
  for (LearningTarget target : learningTargets)
    for (size_t i = 0; i < of(target).size(); ++i) {
      const LearningProduct &product = of(target)[i];
      static constexpr const char *names[] = {"dw", "dd", "dt"};
      std::string where = std::string(names[size_t(target)]) + " product " +
                          std::to_string(i + 1);
      if (Error error = checkProduct(product, where))
        return error;
      if (product.gate != LearningGate::Epoch)
        continue;
      if (decimate && *decimate != product.decimate)
        return inputError("u" + std::to_string(product.decimate) + " after u" +
                              std::to_string(*decimate),
                          where, "use the same u_k in all sums of a rule");
      decimate = product.decimate;
    }
  return Error::success();
}

} // namespace hillock::emu
