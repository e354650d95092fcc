//===- tools/hillock/AnnDiff.cpp - diff without neurons -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/Random.h"
#include "tools/hillock/AnnValues.h"
#include "tools/hillock/AnnVerbs.h"
#include <algorithm>
#include <cmath>

namespace hillock::tool {

namespace {

/// One of the two that are compared.
struct Side {
  AnnExecutable network;
  std::vector<LayerValues> layers; ///< of machine code: only when outputs part
  LayerValues output;
  int64_t decision = 0;

  std::string name() const {
    return network.model.path + " (" + network.level() + ")";
  }
};

/// What two layers of one name have in common.
struct LayerDifference {
  std::string name;
  uint64_t values = 0, differing = 0;
  double largest = 0;  ///< difference, in real numbers
  double error = 0;    ///< its power over that of the first side
  double allowed = 0;  ///< differences up to here count as equal
  size_t first = 0;    ///< element that differs first
  double a = 0, b = 0; ///< there
  ann::Shape shape;
};

/// Codes of one meaning are compared as they are. Else a code stands for half a
/// step on either side, and real numbers are rounded differently by equal
/// networks.
double allowedDifference(const LayerValues &a, const LayerValues &b) {
  if (a.q && b.q && (*a.q == *b.q || !a.scaleKnown || !b.scaleKnown))
    return 0;
  double allowed = 0;
  for (const LayerValues *side : {&a, &b})
    if (side->q)
      allowed += 0.5 * side->q->scale * (1 + 1e-6);
  if (allowed > 0)
    return allowed;
  double most = 0;
  for (const LayerValues *side : {&a, &b})
    for (const double value : side->values)
      most = std::max(most, std::abs(value));
  return 1e-5 * most;
}

/// Whether the two can be held against each other: in real numbers, or where a
/// step is not known, codes of the same range.
bool comparable(const LayerValues &a, const LayerValues &b) {
  if (a.scaleKnown && b.scaleKnown)
    return true;
  return a.q && b.q && a.q->zero == b.q->zero && a.q->low == b.q->low &&
         a.q->high == b.q->high;
}

LayerDifference compare(const LayerValues &first, const LayerValues &second) {
  // Steps that are not known are compared as codes.
  LayerValues a = first, b = second;
  if (!a.scaleKnown || !b.scaleKnown) {
    a.values = a.codes;
    b.values = b.codes;
  }
  LayerDifference result;
  result.name = a.name;
  result.shape = a.shape;
  result.values = a.values.size();
  result.allowed = allowedDifference(a, b);
  double signal = 0, noise = 0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    const double difference = std::abs(a.values[i] - b.values[i]);
    signal += a.values[i] * a.values[i];
    noise += difference * difference;
    result.largest = std::max(result.largest, difference);
    // Written so that what is no number differs.
    if (difference <= result.allowed)
      continue;
    if (result.differing++ == 0) {
      result.first = i;
      result.a = a.values[i];
      result.b = b.values[i];
    }
  }
  result.error = signal > 0 ? noise / signal : noise > 0 ? 1 : 0;
  return result;
}

/// "(2, 0, 13)" of an index in C order.
std::string placeOf(size_t index, const ann::Shape &shape) {
  std::string text;
  for (size_t a = shape.size(); a-- > 0;) {
    const auto size = static_cast<size_t>(shape[a]);
    text = std::to_string(index % size) + (text.empty() ? "" : ", ") + text;
    index /= size;
  }
  return "(" + text + ")";
}

/// The same for the same seed: codes of the input's range where there is one,
/// else numbers between 0 and 1.
std::vector<float> randomInput(const AnnModel &model, uint64_t seed) {
  const std::optional<ann::Quantization> q = model.givenInput();
  const CounterRandom random(seed);
  std::vector<float> input(
      static_cast<size_t>(ann::countElements(model.inputShape()).value_or(0)));
  for (size_t i = 0; i < input.size(); ++i) {
    const double part = random.uniformAt(i);
    input[i] = static_cast<float>(
        q ? q->real(q->low + static_cast<int64_t>(
                                 part * (int64_t{q->high} - q->low + 1)))
          : part);
  }
  return input;
}

Error runSide(Side &side, const std::vector<float> &input) {
  AnnRunner runner(side.network);
  runner.run(input);
  side.output = outputValues(side.network, runner);
  side.decision = runner.decision();
  if (!side.network.native)
    side.layers = layerValues(side.network, runner);
  return Error::success();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// Layers of equal name and shape, in the order of \p a.
std::vector<LayerDifference>
compareLayers(const Side &a, const Side &b, std::vector<std::string> &onlyA,
              std::vector<std::string> &onlyB,
              std::vector<std::string> &withoutScale) {
  std::vector<LayerDifference> result;
  const auto same = [](const LayerValues &x, const LayerValues &y) {
    return x.name == y.name && x.shape == y.shape;
  };
  const auto find = [&](const std::vector<LayerValues> &list,
                        const LayerValues &one) {
    return std::find_if(list.begin(), list.end(),
                        [&](const LayerValues &x) { return same(x, one); });
  };
  for (const LayerValues &layer : a.layers)
    if (const auto other = find(b.layers, layer); other == b.layers.end())
      onlyA.push_back(layer.name);
    else if (comparable(layer, *other))
      result.push_back(compare(layer, *other));
    else
      withoutScale.push_back(layer.name);
  for (const LayerValues &layer : b.layers)
    if (find(a.layers, layer) == a.layers.end())
      onlyB.push_back(layer.name);
  return result;
}

void showLayers(const std::vector<LayerDifference> &layers, Output &out) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "values", "differ", "largest", "counts from", "error"}};
  Json list = Json::array();
  for (const LayerDifference &layer : layers) {
    rows.push_back({layer.name, withSeparators(layer.values),
                    withSeparators(layer.differing), number(layer.largest),
                    number(layer.allowed), percent(layer.error)});
    list.push_back({{"name", layer.name},
                    {"values", layer.values},
                    {"differing", layer.differing},
                    {"largest", layer.largest},
                    {"allowed", layer.allowed},
                    {"error", layer.error}});
  }
  out.line();
  out.text += table(rows);
  out.line("  (a difference counts from half a step of the codes on; error: "
           "its power over that of a)");
  out.document["layers"] = std::move(list);
}

void showFirst(const LayerDifference &layer, Output &out) {
  const std::string place = placeOf(layer.first, layer.shape);
  out.line("first difference: layer '" + layer.name + "', element " + place +
           ": " + number(layer.a) + " and " + number(layer.b));
  out.document["difference"] = {{"layer", layer.name},
                                {"element", layer.first},
                                {"place", place},
                                {"a", layer.a},
                                {"b", layer.b}};
}

/// Opens \p opening; what \p other has calibrated already is taken over.
Expected<AnnExecutable> openSide(const AnnOpening &opening,
                                 const AnnSettings &settings,
                                 const AnnExecutable *other) {
  if (!other || !other->integers || opening.path != other->model.path ||
      opening.level == "real")
    return openAnnLevel(opening, settings);
  return openAnnLevel(opening, settings, other->model);
}

} // namespace

Expected<int> diffAnn(const AnnDiffRequest &request,
                      const AnnSettings &settings, Output &out) {
  Side a, b;
  for (Side *side : {&a, &b}) {
    Expected<AnnExecutable> opened =
        openSide(side == &a ? request.first : request.second, settings,
                 side == &a ? nullptr : &a.network);
    if (!opened)
      return opened.takeError();
    side->network = std::move(*opened);
  }
  if (a.network.model.inputShape() != b.network.model.inputShape())
    return inputError("their inputs have the shapes " +
                          describeShape(a.network.model.inputShape()) +
                          " and " + describeShape(b.network.model.inputShape()),
                      a.name() + " and " + b.name(),
                      "compare levels or versions of one network");
  // What both can see alike: the codes of whoever has codes.
  const AnnModel &giver = a.network.integers || !b.network.integers
                              ? a.network.model
                              : b.network.model;
  Expected<std::vector<float>> input =
      request.inputs.empty()
          ? Expected<std::vector<float>>(randomInput(giver, request.dataSeed))
          : loadAnnSample(request.inputs, request.sample, a.network.model);
  if (!input)
    return input.takeError();
  for (Side *side : {&a, &b})
    if (Error error = runSide(*side, *input))
      return std::move(error);
  const bool sameShape = a.output.shape == b.output.shape;
  std::optional<LayerDifference> output;
  if (sameShape)
    output = compare(a.output, b.output);
  // Machine code shows its layers only when it is asked for each of them.
  if (!output || output->differing)
    for (Side *side : {&a, &b})
      if (side->network.native) {
        auto layers = nativeLayerValues(side->network, *input);
        if (!layers)
          return layers.takeError();
        side->layers = std::move(*layers);
      }
  std::vector<std::string> onlyA, onlyB, withoutScale;
  const std::vector<LayerDifference> layers =
      a.layers.empty() || b.layers.empty()
          ? std::vector<LayerDifference>()
          : compareLayers(a, b, onlyA, onlyB, withoutScale);
  if (layers.empty() && !sameShape)
    return inputError("the two have no layer of the same name and shape",
                      a.name() + " and " + b.name(),
                      "compare levels or versions of one network");
  const auto first =
      std::find_if(layers.begin(), layers.end(),
                   [](const LayerDifference &l) { return l.differing; });
  // A decision at the end (Softmax) is a layer that one side may not have.
  const bool equal =
      layers.empty() ? !output->differing : first == layers.end();
  out.document = {{"equal", equal},
                  {"a", a.name()},
                  {"b", b.name()},
                  {"decision_a", a.decision},
                  {"decision_b", b.decision},
                  {"only_a", onlyA},
                  {"only_b", onlyB},
                  {"not_compared", withoutScale}};
  out.line("a: " + a.name() + ", decides " + std::to_string(a.decision));
  out.line("b: " + b.name() + ", decides " + std::to_string(b.decision));
  for (const auto &[list, name] :
       {std::pair(&onlyA, "a"), std::pair(&onlyB, "b")})
    if (!list->empty())
      out.line("only in " + std::string(name) + ": " + describeList(*list, 8));
  if (!withoutScale.empty())
    out.line("not compared: " + describeList(withoutScale, 8) +
             "; a file of the integer level does not say what their steps are "
             "(compare the model with --level-b integer, or what compile --to "
             "quantized writes)");
  if (equal)
    out.line("equal: " + (layers.empty()
                              ? "the output"
                              : describeCount(layers.size(), "layer")));
  else if (first != layers.end())
    showFirst(*first, out);
  else if (output)
    showFirst(*output, out);
  if (!layers.empty())
    showLayers(layers, out);
  return equal ? 0 : static_cast<int>(ErrorKind::Mismatch);
}

} // namespace hillock::tool
