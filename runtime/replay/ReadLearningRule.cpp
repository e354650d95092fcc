//===- runtime/replay/ReadLearningRule.cpp - Rules of recordings ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rule is recorded twice: as the user's strings and as the products that Lava
// made of them. The products are what ran.
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/JsonRead.h"
#include "runtime/replay/ReadLearning.h"
#include <initializer_list>

namespace hillock::runtime {

namespace {

using emu::LearningFactor;
using emu::LearningGate;
using emu::LearningProduct;
using emu::LearningRule;
using emu::LearningTarget;
using Json = llvm::json::Value;
using JsonObject = llvm::json::Object;
using Names = std::initializer_list<const char *>;

/// By LearningTarget: as sums are called, and Lava's names of the variables.
constexpr std::array<std::array<const char *, 4>, 3> targetNames = {
    {{"dw", "w", "weights", "weight"},
     {"dd", "d", "tag_2", "delay"},
     {"dt", "t", "tag_1", "tag"}}};

const Json *find(const JsonObject &object, Names names) {
  for (const char *name : names)
    if (const Json *value = object.get(name))
      if (!value->getAsNull())
        return value;
  return nullptr;
}

std::optional<LearningTarget> targetOf(llvm::StringRef name) {
  for (LearningTarget target : emu::learningTargets)
    for (const char *known : targetNames[size_t(target)])
      if (name == known)
        return target;
  return std::nullopt;
}

bool isEmpty(const LearningRule &rule) {
  return rule.products[0].empty() && rule.products[1].empty() &&
         rule.products[2].empty();
}

//===--- Products ---------------------------------------------------------===//

Expected<int64_t> field(const JsonObject &object, Names names,
                        std::optional<int64_t> fallback,
                        const std::string &where) {
  const Json *value = find(object, names);
  if (!value && fallback)
    return *fallback;
  if (!value)
    return inputError("field '" + std::string(*names.begin()) + "' is missing",
                      where);
  if (auto integer = asInteger(*value))
    return *integer;
  return inputError(
      "field '" + std::string(*names.begin()) + "' is not an integer", where);
}

Expected<LearningFactor> readFactor(const Json &value,
                                    const std::string &where) {
  const JsonObject *object = value.getAsObject();
  // "x1", {var, const, sgn}, or the three in a list.
  JsonObject made;
  if (auto text = value.getAsString()) {
    made["var"] = *text;
    object = &made;
  } else if (const llvm::json::Array *list = value.getAsArray()) {
    static constexpr const char *keys[] = {"var", "const", "sgn"};
    for (size_t i = 0; i < list->size() && i < 3; ++i)
      made[keys[i]] = (*list)[i];
    object = &made;
  }
  if (!object)
    return inputError("not an object", where);
  const Json *name =
      find(*object, {"var", "state_var", "variable", "symbol", "name"});
  auto text = name ? name->getAsString() : std::nullopt;
  if (!text)
    return inputError("field 'var' is missing", where);
  auto variable = emu::variableOf(std::string_view(text->data(), text->size()));
  if (!variable)
    return inputError("variable '" + text->str() + "' is not known", where);
  auto constant = field(*object, {"const", "constant", "c", "C"}, 0, where);
  if (!constant)
    return constant.takeError();
  auto sign = field(*object, {"sgn", "is_sgn", "sign"}, 0, where);
  if (!sign)
    return sign.takeError();
  if (*constant < -32768 || *constant > 32767)
    return inputError("field 'const' is out of range", where);
  return LearningFactor{*variable, static_cast<int32_t>(*constant), *sign != 0};
}

/// "x0", "y0", "u" with a decimate exponent beside it, or "u2".
Error readGate(const JsonObject &object, std::optional<int64_t> seriesDecimate,
               LearningProduct &product, const std::string &where) {
  const Json *value = find(object, {"dependency", "dep", "gate"});
  auto text = value ? value->getAsString() : std::nullopt;
  if (!text)
    return inputError("field 'dependency' is missing", where);
  if (*text == "x0" || *text == "y0") {
    product.gate =
        *text == "x0" ? LearningGate::PreSpike : LearningGate::PostSpike;
    return Error::success();
  }
  int64_t fromName = 0;
  bool named = text->size() > 1;
  if (text->empty() || text->front() != 'u' ||
      (named && text->drop_front().getAsInteger(10, fromName)))
    return inputError("dependency '" + text->str() + "' is not known", where);
  product.gate = LearningGate::Epoch;
  std::optional<int64_t> fallback = named ? fromName : seriesDecimate;
  auto decimate = field(
      object, {"decimate_exponent", "decimate", "decimate_exp", "k", "uk"},
      fallback, where);
  if (!decimate)
    return decimate.takeError();
  if (*decimate < 0 || *decimate > 9)
    return inputError("field 'decimate_exponent' is not in 0..9", where);
  product.decimate = static_cast<uint32_t>(*decimate);
  return Error::success();
}

Expected<LearningProduct> readProduct(const Json &value,
                                      std::optional<int64_t> seriesDecimate,
                                      const std::string &where) {
  const JsonObject *object = value.getAsObject();
  if (!object)
    return inputError("not an object", where);
  LearningProduct product;
  if (Error error = readGate(*object, seriesDecimate, product, where))
    return std::move(error);
  auto mantissa = field(
      *object, {"mantissa", "s_mantissa", "s_mant", "mant", "scale_mantissa"},
      {}, where);
  if (!mantissa)
    return mantissa.takeError();
  auto exponent =
      field(*object, {"exponent", "s_exp", "exp", "scale_exponent"}, {}, where);
  if (!exponent)
    return exponent.takeError();
  if (*mantissa < -8 || *mantissa > 7)
    return inputError("field 'mantissa' is not in -8..7", where);
  if (*exponent < 0 || *exponent > 15)
    return inputError("field 'exponent' (stored plus 7) is not in 0..15",
                      where);
  product.mantissa = static_cast<int32_t>(*mantissa);
  product.exponent = static_cast<int32_t>(*exponent - 7);
  const Json *factors = find(*object, {"factors", "factor_list"});
  const llvm::json::Array *list = factors ? factors->getAsArray() : nullptr;
  if (factors && !list)
    return inputError("field 'factors' is not a list", where);
  for (size_t i = 0; list && i < list->size(); ++i) {
    auto factor =
        readFactor((*list)[i], where + ", factor " + std::to_string(i + 1));
    if (!factor)
      return factor.takeError();
    product.factors.push_back(*factor);
  }
  return product;
}

/// Products in a list, or in the field of an object that stands for the sum.
Error readSum(const Json &value, std::vector<LearningProduct> &products,
              const std::string &where) {
  const llvm::json::Array *list = value.getAsArray();
  std::optional<int64_t> decimate;
  if (const JsonObject *object = value.getAsObject()) {
    if (const Json *inner = find(*object, {"products", "product_list"}))
      list = inner->getAsArray();
    if (const Json *k = find(*object, {"decimate_exponent", "decimate"}))
      decimate = asInteger(*k);
  }
  if (!list)
    return inputError("not a list of products", where);
  for (size_t i = 0; i < list->size(); ++i) {
    auto product = readProduct((*list)[i], decimate,
                               where + ", product " + std::to_string(i + 1));
    if (!product)
      return product.takeError();
    products.push_back(std::move(*product));
  }
  return Error::success();
}

/// By target in an object, or in a list whose entries (products, or sums of
/// them) say their target.
Error readSeries(const Json &series, LearningRule &rule) {
  const std::string where = "product_series";
  if (const JsonObject *object = series.getAsObject()) {
    for (LearningTarget target : emu::learningTargets)
      for (const char *name : targetNames[size_t(target)])
        if (const Json *sum = object->get(name); sum && !sum->getAsNull())
          if (Error error = readSum(*sum, rule.of(target),
                                    where + " '" + std::string(name) + "'"))
            return error;
    for (const auto &[key, value] : *object)
      if (!targetOf(key) && key != "decimate_exponent")
        return inputError("key '" + key.str() + "' is not understood", where);
    return Error::success();
  }
  const llvm::json::Array *list = series.getAsArray();
  if (!list)
    return inputError("neither an object nor a list", where);
  for (size_t i = 0; i < list->size(); ++i) {
    std::string place = where + " entry " + std::to_string(i + 1);
    const JsonObject *object = (*list)[i].getAsObject();
    auto name = object ? object->getString("target") : std::nullopt;
    auto target = name ? targetOf(*name) : std::nullopt;
    if (!target)
      return inputError("field 'target' is missing or not dw, dd or dt", place);
    bool isSum = find(*object, {"products", "product_list"}) != nullptr;
    if (isSum) {
      if (Error error = readSum((*list)[i], rule.of(*target), place))
        return error;
      continue;
    }
    auto product = readProduct((*list)[i], {}, place);
    if (!product)
      return product.takeError();
    rule.of(*target).push_back(std::move(*product));
  }
  return Error::success();
}

//===--- Strings and numbers ----------------------------------------------===//

/// "rule" may be an object, the string of dw, or missing; "strings" may be a
/// level below.
Error readStrings(const JsonObject &entry, const JsonObject *object,
                  LearningRule &rule) {
  const JsonObject *deeper = nullptr;
  if (object)
    for (const char *name : {"strings", "equations", "rules"})
      if (const JsonObject *inner = object->getObject(name))
        deeper = inner;
  for (LearningTarget target : emu::learningTargets) {
    std::string name = targetNames[size_t(target)][0];
    std::optional<llvm::StringRef> text;
    for (const JsonObject *place : {deeper, object, &entry})
      for (const std::string &key : {name, name + "_str"})
        if (place && !text)
          text = place->getString(key);
    if (!text && target == LearningTarget::Weight)
      text = entry.getString("rule");
    if (!text)
      continue;
    auto products = emu::parseLearningProducts({text->data(), text->size()},
                                               "rule, " + name);
    if (!products)
      return products.takeError();
    rule.of(target) = std::move(*products);
  }
  if (!isEmpty(rule))
    return Error::success();
  return inputError("field 'rule' has none of the strings dw, dd and dt");
}

/// x1_impulse; impulse_x1; impulses.x1, impulses.x1_impulse; x1.impulse; or
/// impulses as a list in the order of the traces.
const Json *findTraceField(const JsonObject &object, size_t trace,
                           const std::string &kind) {
  std::string name(emu::traceNames[trace]);
  std::string joined = name + "_" + kind, turned = kind + "_" + name;
  for (const std::string &key : {joined, turned})
    if (const Json *value = object.get(key))
      return value;
  for (const std::string &key : {kind + "s", kind}) {
    if (const JsonObject *inner = object.getObject(key))
      for (const std::string &deep : {name, joined})
        if (const Json *value = inner->get(deep))
          return value;
    if (const llvm::json::Array *list = object.getArray(key))
      if (list->size() == emu::traceNames.size())
        return &(*list)[trace];
  }
  for (const std::string &key : {name, std::string("traces")})
    if (const JsonObject *inner = object.getObject(key)) {
      if (const Json *value = inner->get(kind))
        return value;
      if (const JsonObject *deeper = inner->getObject(name))
        if (const Json *value = deeper->get(kind))
          return value;
    }
  return nullptr;
}

Error readNumbers(const JsonObject &entry, const JsonObject *object,
                  LearningRule &rule) {
  for (size_t i = 0; i < emu::traceNames.size(); ++i)
    for (const char *kind : {"impulse", "tau"}) {
      const Json *value = object ? findTraceField(*object, i, kind) : nullptr;
      if (!value)
        value = findTraceField(entry, i, kind);
      if (!value || value->getAsNull())
        continue;
      auto number = value->getAsNumber();
      if (!number)
        return inputError("field '" + std::string(emu::traceNames[i]) + "_" +
                              kind + "' is not a number",
                          "rule");
      (std::string(kind) == "tau" ? rule.traces[i].tau
                                  : rule.traces[i].impulse) = *number;
    }
  const Json *epoch = nullptr;
  for (const JsonObject *place : {object, &entry})
    if (place && !epoch)
      epoch = find(*place, {"t_epoch", "T_epoch", "tEpoch", "epoch_steps"});
  auto steps = epoch ? asInteger(*epoch) : std::nullopt;
  if (!steps || *steps < 1 || *steps > 63)
    return inputError("field 't_epoch' is missing or not in 1..63", "rule");
  rule.epochSteps = static_cast<uint32_t>(*steps);
  return Error::success();
}

/// The first place where our reading of the string is not Lava's.
std::optional<ReplayDifference> compareRules(const LearningRule &recorded,
                                             const LearningRule &parsed) {
  for (LearningTarget target : emu::learningTargets) {
    const auto &theirs = recorded.of(target), &ours = parsed.of(target);
    std::string name = targetNames[size_t(target)][0];
    auto differs = [&](const std::string &what, size_t i, int64_t expected,
                       int64_t got) {
      return ReplayDifference{
          {}, "rule " + name + " " + what, i, expected, got};
    };
    if (theirs.size() != ours.size())
      return differs("products", 0, int64_t(theirs.size()),
                     int64_t(ours.size()));
    for (size_t i = 0; i < theirs.size(); ++i) {
      const LearningProduct &a = theirs[i], &b = ours[i];
      if (a.gate != b.gate || a.decimate != b.decimate)
        return differs("dependency of product", i + 1,
                       int64_t(a.gate) * 10 + a.decimate,
                       int64_t(b.gate) * 10 + b.decimate);
      if (a.mantissa != b.mantissa)
        return differs("mantissa of product", i + 1, a.mantissa, b.mantissa);
      if (a.exponent != b.exponent)
        return differs("exponent of product", i + 1, a.exponent, b.exponent);
      if (a.factors != b.factors)
        return differs("factors of product", i + 1, int64_t(a.factors.size()),
                       int64_t(b.factors.size()));
    }
  }
  return std::nullopt;
}

} // namespace

Expected<LearningRule>
readLearningRule(const JsonObject &entry,
                 std::optional<ReplayDifference> &difference) {
  const JsonObject *object = entry.getObject("rule");
  LearningRule recorded, parsed;
  const Json *series = find(entry, {"product_series", "products"});
  if (!series && object)
    series = find(*object, {"product_series", "products"});
  Error seriesError = series ? readSeries(*series, recorded)
                             : inputError("field 'product_series' is missing");
  if (!seriesError && isEmpty(recorded))
    seriesError = inputError("field 'product_series' has no products");
  Error stringError = readStrings(entry, object, parsed);
  bool hasSeries = !seriesError, hasStrings = !stringError;
  std::string why = takeText(std::move(seriesError)),
              whyNot = takeText(std::move(stringError));
  if (!hasSeries && !hasStrings)
    return inputError(why + "; " + whyNot);
  if (hasSeries && hasStrings)
    difference = compareRules(recorded, parsed);
  LearningRule &rule = hasSeries ? recorded : parsed;
  if (Error error = readNumbers(entry, object, rule))
    return std::move(error);
  if (Error error = rule.check())
    return std::move(error);
  return std::move(rule);
}

} // namespace hillock::runtime
