//===- tools/hillock/Output.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Output.h"
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hillock::tool {

void Output::item(const std::string &label, const std::string &value) {
  constexpr size_t column = 20;
  std::string words = "  " + label;
  words += std::string(words.size() < column ? column - words.size() : 1, ' ');
  line(words + value);
}

void Output::warning(const std::string &words) const {
  std::fprintf(stderr, "hillock: warning: %s\n", words.c_str());
}

static bool print(const std::string &words) {
  const bool written =
      std::fwrite(words.data(), 1, words.size(), stdout) == words.size();
  return std::fflush(stdout) == 0 && written;
}

// Names from files may be no UTF-8; JSON must be.
static std::string dump(const Json &document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool Output::flush() const {
  return silent || print(json ? dump(document) : text);
}

std::string fixed(double value, int digits) {
  if (!std::isfinite(value))
    return "n/a";
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string plain(double value) {
  return fixed(value, value == std::floor(value) ? 0 : 4);
}

std::string percent(double part) { return fixed(100 * part, 2) + " %"; }

static bool isNumber(const std::string &cell) {
  return cell.find_first_not_of("0123456789.,+-%e x") == std::string::npos;
}

std::string table(const std::vector<std::vector<std::string>> &rows) {
  std::vector<size_t> widths;
  std::vector<bool> toRight;
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size(); ++c) {
      if (c == widths.size()) {
        widths.push_back(0);
        toRight.push_back(c > 0); // the first column holds names
      }
      widths[c] = std::max(widths[c], rows[r][c].size());
      if (r > 0 && !isNumber(rows[r][c]))
        toRight[c] = false;
    }
  std::string text;
  for (const std::vector<std::string> &row : rows) {
    std::string words;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - row[c].size(), ' ');
      words += "  " + (toRight[c] ? space + row[c] : row[c] + space);
    }
    words.erase(words.find_last_not_of(' ') + 1);
    text += words + "\n";
  }
  return text;
}

namespace {

/// One failure of an error, ready to be printed.
struct Message {
  ErrorKind kind = ErrorKind::Internal;
  std::string text, hint;
};

const char *kindName(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::Input:
    return "input";
  case ErrorKind::Usage:
    return "usage";
  case ErrorKind::Mismatch:
    return "mismatch";
  case ErrorKind::Capacity:
    return "capacity";
  case ErrorKind::Internal:
    break;
  }
  return "internal";
}

std::vector<Message> messagesOf(Error error) {
  std::vector<Message> messages;
  llvm::handleAllErrors(
      std::move(error),
      [&](const Failure &failure) {
        std::string text = failure.where.empty()
                               ? failure.what
                               : failure.where + ": " + failure.what;
        messages.push_back({failure.kind, std::move(text), failure.remedy});
      },
      [&](const llvm::ErrorInfoBase &other) {
        messages.push_back({ErrorKind::Internal, other.message(), ""});
      });
  return messages;
}

int report(std::vector<Message> messages, bool json) {
  Json list = Json::array();
  for (Message &message : messages) {
    const bool ours = message.kind == ErrorKind::Internal;
    if (ours && message.hint.empty())
      message.hint = "this is a bug in hillock, not a mistake of yours; please "
                     "report it with the command line and the input files";
    std::fprintf(stderr, "hillock: %s: %s\n", ours ? "internal error" : "error",
                 message.text.c_str());
    if (!message.hint.empty())
      std::fprintf(stderr, "  hint: %s\n", message.hint.c_str());
    Json entry = {{"kind", kindName(message.kind)}, {"message", message.text}};
    if (!message.hint.empty())
      entry["hint"] = message.hint;
    list.push_back(std::move(entry));
  }
  const int code = static_cast<int>(messages.front().kind);
  if (json) {
    Json document = {{"error", list.front()}};
    document["error"]["exit_code"] = code;
    if (list.size() > 1)
      document["errors"] = list;
    print(dump(document));
  }
  return code;
}

} // namespace

int reportError(Error error, bool json) {
  std::vector<Message> messages = messagesOf(std::move(error));
  if (messages.empty())
    messages.push_back({ErrorKind::Internal, "an error without a text", ""});
  return report(std::move(messages), json);
}

int reportUsage(const std::string &message, const std::string &hint,
                bool json) {
  return report({{ErrorKind::Usage, message, hint}}, json);
}

} // namespace hillock::tool
