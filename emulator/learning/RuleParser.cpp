//===- emulator/learning/RuleParser.cpp - Lava's rule strings -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/learning/LearningRule.h"
#include <cctype>
#include <cstdlib>

namespace hillock::emu {

namespace {

/// mantissa * 2^exponent
struct Scale {
  int64_t mantissa = 1;
  int64_t exponent = 0;
};

class Parser {
public:
  Parser(std::string_view text, const std::string &where)
      : text(text), where(where) {}

  Expected<std::vector<LearningProduct>> run() {
    std::vector<LearningProduct> result;
    skipSpace();
    if (done())
      return fail("the rule is empty", "give at least one product");
    bool minus = take('-');
    if (!minus)
      take('+');
    while (true) {
      if (Error error = product(minus, result))
        return std::move(error);
      if (done())
        return result;
      minus = peek() == '-';
      if (!minus && peek() != '+')
        return unexpected("expected +, - or *");
      ++at;
      skipSpace();
    }
  }

private:
  struct Item {
    LearningProduct product;
    Scale scale;
    bool gated = false;
  };

  //===--- Characters -----------------------------------------------------===//

  bool done() const { return at >= text.size(); }
  char peek() const { return done() ? '\0' : text[at]; }
  bool digit() const {
    return std::isdigit(static_cast<unsigned char>(peek())) != 0;
  }
  void skipSpace() {
    while (!done() && std::isspace(static_cast<unsigned char>(peek())))
      ++at;
  }
  bool take(char c) {
    if (peek() != c)
      return false;
    ++at;
    skipSpace();
    return true;
  }
  /// Takes letters and the digits that follow them.
  std::string_view word() {
    size_t first = at;
    while (!done() && std::isalnum(static_cast<unsigned char>(peek())))
      ++at;
    std::string_view taken = text.substr(first, at - first);
    skipSpace();
    return taken;
  }

  Error failAt(size_t column, std::string what, std::string remedy = {}) const {
    std::string place = where.empty() ? "" : where + ", ";
    return inputError(std::move(what),
                      place + "column " + std::to_string(column + 1),
                      std::move(remedy));
  }
  Error fail(std::string what, std::string remedy = {}) const {
    return failAt(at, std::move(what), std::move(remedy));
  }
  Error unexpected(const std::string &wanted) const {
    return fail(wanted +
                (done() ? ", but the rule ends"
                        : ", but here is '" + std::string(1, peek()) + "'"));
  }

  //===--- Literals -------------------------------------------------------===//

  Expected<int64_t> number() {
    size_t first = at;
    int64_t value = 0;
    while (digit()) {
      value = value * 10 + (peek() - '0');
      if (value > 1000000)
        return failAt(first, "a number above 1000000");
      ++at;
    }
    if (at == first)
      return unexpected("expected a number");
    if (peek() == '.' || peek() == 'e')
      return failAt(first, "the engine has no fractions",
                    "write mantissa*2^exponent");
    skipSpace();
    return value;
  }

  /// A number or a power of two. "3*2^-2" is a product of the two.
  Expected<Scale> literal() {
    size_t first = at;
    Expected<int64_t> value = number();
    if (!value)
      return value.takeError();
    if (!take('^'))
      return Scale{*value, 0};
    if (*value != 2)
      return failAt(first, "a power of " + std::to_string(*value),
                    "use powers of 2");
    bool minus = take('-');
    if (!minus)
      take('+');
    Expected<int64_t> exponent = number();
    if (!exponent)
      return exponent.takeError();
    return Scale{1, minus ? -*exponent : *exponent};
  }

  /// The constant of a bracket: literals joined by *, an integer.
  Expected<int64_t> constant() {
    size_t first = at;
    Scale all;
    do {
      Expected<Scale> one = literal();
      if (!one)
        return one.takeError();
      all.mantissa *= one->mantissa;
      all.exponent += one->exponent;
      // Before the next factor can overflow.
      if (all.mantissa > 1000000 || std::abs(all.exponent) > 20)
        return failAt(first, "the constant does not fit eight bits");
    } while (take('*'));
    int64_t value = all.exponent >= 0 ? all.mantissa << all.exponent
                                      : all.mantissa >> -all.exponent;
    if (all.exponent < 0 && (value << -all.exponent) != all.mantissa)
      return failAt(first, "the constant is not an integer",
                    "move the fraction into the scale");
    if (value > 255)
      return failAt(first, "constant " + std::to_string(value) +
                               " does not fit eight bits");
    return value;
  }

  //===--- Products -------------------------------------------------------===//

  Error product(bool minus, std::vector<LearningProduct> &result) {
    size_t first = at;
    Item item;
    item.scale.mantissa = minus ? -1 : 1;
    do {
      if (Error error = factor(item))
        return error;
    } while (take('*'));
    if (!item.gated)
      return failAt(first, "the product has none of x0, y0 and u_k",
                    "multiply by the event that triggers it");
    if (Error error = settle(item, first))
      return error;
    result.push_back(std::move(item.product));
    return Error::success();
  }

  Error factor(Item &item) {
    if (digit()) {
      Expected<Scale> scale = literal();
      if (!scale)
        return scale.takeError();
      return multiply(item, *scale);
    }
    if (take('('))
      return bracket(item, false);
    size_t first = at;
    std::string_view name = word();
    if (name.empty())
      return unexpected("expected a factor");
    if (name == "sgn") {
      if (!take('('))
        return unexpected("expected ( after sgn");
      return bracket(item, true);
    }
    return variable(item, name, first);
  }

  Error variable(Item &item, std::string_view name, size_t first) {
    if (name.size() == 2 && name[0] == 'u' && name[1] >= '0' && name[1] <= '9')
      return epochGate(item, static_cast<uint32_t>(name[1] - '0'), first);
    std::optional<LearningVariable> found = variableOf(name);
    if (!found || *found == LearningVariable::Constant)
      return unknown(name, first);
    bool pre = *found == LearningVariable::X0;
    if ((pre || *found == LearningVariable::Y0) && !item.gated) {
      item.gated = true;
      item.product.gate =
          pre ? LearningGate::PreSpike : LearningGate::PostSpike;
      return Error::success();
    }
    item.product.factors.push_back({*found, 0, false});
    return Error::success();
  }

  Error unknown(std::string_view name, size_t first) const {
    return failAt(first, "'" + std::string(name) + "' is not a variable",
                  "use x0, x1, x2, y0, y1, y2, y3, w, d, t, u0..u9 or sgn()");
  }

  Error epochGate(Item &item, uint32_t k, size_t first) {
    if (item.gated)
      return failAt(first, "u" + std::to_string(k) + " is a second trigger",
                    "write u_k first; x0 and y0 may follow as factors");
    if (decimate && *decimate != k)
      return failAt(first,
                    "u" + std::to_string(k) + " after u" +
                        std::to_string(*decimate),
                    "use the same u_k in all products");
    decimate = k;
    item.gated = true;
    item.product.gate = LearningGate::Epoch;
    item.product.decimate = k;
    return Error::success();
  }

  /// After "(" or "sgn(": a variable, a constant, or both in either order.
  Error bracket(Item &item, bool isSign) {
    size_t first = at;
    std::optional<LearningVariable> found;
    std::optional<int64_t> added;
    bool variableMinus = false;
    for (bool begin = true; begin || peek() != ')'; begin = false) {
      bool minus = take('-');
      if (!minus && !take('+') && !begin)
        return unexpected("expected +, - or )");
      size_t here = at;
      if (digit()) {
        if (added)
          return failAt(here, "a second constant in one bracket");
        Expected<int64_t> value = constant();
        if (!value)
          return value.takeError();
        added = minus ? -*value : *value;
        continue;
      }
      std::string_view name = word();
      if (name.empty())
        return unexpected("expected a variable or a constant");
      std::optional<LearningVariable> one = variableOf(name);
      if (!one || *one == LearningVariable::Constant)
        return unknown(name, here);
      if (found)
        return failAt(here, "a second variable in one bracket",
                      "write the rule as a sum of products");
      found = one;
      variableMinus = minus;
    }
    take(')');
    if (!found && !isSign)
      return multiply(item, {*added, 0});
    return bracketFactor(item, isSign, found, added, variableMinus, first);
  }

  Error bracketFactor(Item &item, bool isSign,
                      std::optional<LearningVariable> found,
                      std::optional<int64_t> added, bool variableMinus,
                      size_t first) {
    bool synaptic = found == LearningVariable::Weight ||
                    found == LearningVariable::Delay ||
                    found == LearningVariable::Tag;
    if (isSign && !synaptic)
      return failAt(first, "sgn() of something else than w, d or t");
    // A bracket around a bare trigger changes nothing.
    if (!added && !variableMinus && !synaptic)
      return variable(item, variableName(*found), first);
    // The engine adds constants to variables; c - v is -(v - c), and the sign
    // of a negated variable the negated sign.
    int64_t value = added.value_or(0);
    if (variableMinus) {
      value = -value;
      item.scale.mantissa = -item.scale.mantissa;
    }
    item.product.factors.push_back(
        {*found, static_cast<int32_t>(value), isSign});
    return Error::success();
  }

  Error multiply(Item &item, Scale scale) {
    item.scale.mantissa *= scale.mantissa;
    item.scale.exponent += scale.exponent;
    if (std::abs(item.scale.mantissa) > 1000000 ||
        std::abs(item.scale.exponent) > 1000)
      return fail("the scale of the product is too large");
    return Error::success();
  }

  /// Even mantissas give factors of two to the exponent until they fit.
  Error settle(Item &item, size_t first) {
    int64_t mantissa = item.scale.mantissa, exponent = item.scale.exponent;
    while (std::abs(mantissa) > 7 && mantissa % 2 == 0 && exponent < 8) {
      mantissa /= 2;
      ++exponent;
    }
    if (mantissa < -8 || mantissa > 7)
      return failAt(first,
                    "scale " + std::to_string(item.scale.mantissa) + " * 2^" +
                        std::to_string(item.scale.exponent) +
                        " is not a mantissa of -8..7 times a power of two");
    if (exponent < -7 || exponent > 8)
      return failAt(first, "exponent " + std::to_string(exponent) +
                               " of the scale is not in -7..8");
    item.product.mantissa = static_cast<int32_t>(mantissa);
    item.product.exponent = static_cast<int32_t>(exponent);
    return Error::success();
  }

  std::string_view text;
  const std::string &where;
  size_t at = 0;
  std::optional<uint32_t> decimate;
};

} // namespace

Expected<std::vector<LearningProduct>>
parseLearningProducts(std::string_view text, const std::string &where) {
  return Parser(text, where).run();
}

} // namespace hillock::emu
