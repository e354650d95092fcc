//===- target/TargetText.cpp - Descriptions as text -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "target/Builtin.h"
#include "target/TargetModel.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

namespace hillock::target {

namespace {

// A description is written by hand; nothing of a megabyte is one.
constexpr uint64_t maxTextBytes = uint64_t{1} << 20;
// More messages than this are consequences of the first.
constexpr int maxProblems = 5;

/// The text between the first pair of quotes after \p marker, or "".
std::string quotedAfter(const std::string &text, const std::string &marker) {
  size_t at = text.find(marker);
  if (at == std::string::npos)
    return {};
  at = text.find('"', at);
  if (at == std::string::npos)
    return {};
  const size_t end = text.find('"', at + 1);
  return end == std::string::npos ? std::string{}
                                  : text.substr(at + 1, end - at - 1);
}

/// Turns Protobuf's messages into ours, with place and a proposal.
class Collector : public google::protobuf::io::ErrorCollector {
public:
  explicit Collector(std::string where) : where(std::move(where)) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string &message) override {
    if (++count > maxProblems)
      return;
    std::string place = where;
    if (line >= 0)
      place +=
          ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1);
    result = llvm::joinErrors(std::move(result),
                              explained(message, std::move(place)));
  }

  Error take() { return std::move(result); }

private:
  static Error explained(const std::string &message, std::string place) {
    const std::string field = quotedAfter(message, "has no field named");
    if (!field.empty())
      return unknownField(field, quotedAfter(message, "Message type"),
                          std::move(place));
    const std::string value = quotedAfter(message, "Unknown enumeration value");
    if (!value.empty())
      return unknownValue(value, std::move(place));
    std::string what = message;
    if (!what.empty())
      what[0] = static_cast<char>(std::tolower(what[0]));
    while (!what.empty() && what.back() == '.')
      what.pop_back();
    return inputError(std::move(what), std::move(place),
                      "correct the text; `hillock targets --explain` lists "
                      "all fields");
  }

  static Error unknownField(const std::string &field, const std::string &type,
                            std::string place) {
    std::vector<std::string> names;
    if (const auto *message = google::protobuf::DescriptorPool::generated_pool()
                                  ->FindMessageTypeByName(type))
      for (int i = 0; i < message->field_count(); ++i)
        names.push_back(message->field(i)->name());
    const std::string shortType = type.substr(type.rfind('.') + 1);
    return inputError("unknown field '" + field + "' in a " + shortType,
                      std::move(place), didYouMean(field, names));
  }

  // Role is the only enumeration of the schema.
  static Error unknownValue(const std::string &value, std::string place) {
    std::vector<std::string> names;
    const auto *roles = proto::Role_descriptor();
    for (int i = 1; i < roles->value_count(); ++i)
      names.push_back(roles->value(i)->name());
    return inputError("unknown role '" + value + "'", std::move(place),
                      didYouMean(value, names));
  }

  std::string where;
  int count = 0;
  Error result = Error::success();
};

std::string fileStem(const std::string &path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

} // namespace

Expected<TargetModel> parseTarget(std::string_view text, std::string where) {
  if (text.size() > maxTextBytes)
    return inputError("the description has " + describeBytes(text.size()) +
                          ", more than " + describeBytes(maxTextBytes),
                      where, "give a target description in text form");
  proto::Target target;
  Collector collector(where);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  const bool parsed = parser.ParseFromString(std::string(text), &target);
  if (Error error = collector.take())
    return std::move(error);
  if (!parsed)
    return inputError("the text is not a target description", where,
                      "compare it with a built-in target");
  return TargetModel::create(std::move(target), std::move(where));
}

std::vector<std::string> builtinTargets() {
  std::vector<std::string> names;
  for (const Builtin &builtin : builtins())
    names.emplace_back(builtin.name);
  return names;
}

std::optional<std::string> builtinTargetText(const std::string &name) {
  for (const Builtin &builtin : builtins())
    if (builtin.name == name)
      return std::string(builtin.text);
  return std::nullopt;
}

Expected<TargetModel> findTarget(const std::string &nameOrPath) {
  if (auto text = builtinTargetText(nameOrPath))
    return parseTarget(*text, nameOrPath + ".textproto");
  const bool isPath = nameOrPath.find('/') != std::string::npos ||
                      nameOrPath.ends_with(".textproto");
  if (!isPath)
    return inputError("there is no target '" + nameOrPath + "'", {},
                      didYouMean(nameOrPath, builtinTargets()) +
                          " A file's name ends in .textproto");
  Expected<std::string> text = readFile(nameOrPath, maxTextBytes);
  if (!text)
    return text.takeError();
  return parseTarget(*text, fileStem(nameOrPath));
}

} // namespace hillock::target
