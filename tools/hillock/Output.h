//===- tools/hillock/Output.h - What a verb says ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A verb collects what it has to say; it is printed once, at the end: the text,
// or with --json one JSON document (docs/json.md). Errors go to standard error,
// and with --json to standard output as well.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_OUTPUT_H
#define HILLOCK_TOOLS_HILLOCK_OUTPUT_H

#include "base/Error.h"
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hillock::tool {

using Json = nlohmann::ordered_json;

struct Output {
  bool json = false;
  Json document = Json::object();
  std::string text;
  /// Another process says it all: nothing is printed.
  bool silent = false;

  /// A line of text.
  void line(const std::string &words = {}) { text += words + "\n"; }
  /// "  label     value", all values in one column.
  void item(const std::string &label, const std::string &value);
  void warning(const std::string &words) const; ///< to standard error

  /// Prints text or document; false when standard output cannot be written.
  bool flush() const;
};

/// Rows with aligned columns; the first row is the head. The first column is
/// set to the left, another to the right when all below its head are numbers.
std::string table(const std::vector<std::vector<std::string>> &rows);

/// Fixed digits, "12.345"; "n/a" for what is no number.
std::string fixed(double value, int digits);
/// A whole number without a point, "12", others with four digits, "0.0301".
std::string plain(double value);
/// "99.44 %" of 0.9944.
std::string percent(double part);

/// Prints \p error for people (and, when \p json, as a document) and returns
/// the exit code of its first failure.
int reportError(Error error, bool json);
/// The same for a mistake on the command line.
int reportUsage(const std::string &message, const std::string &hint, bool json);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_OUTPUT_H
