//===- base/Csv.cpp -------------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Csv.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include <algorithm>
#include <charconv>

namespace hillock {

static std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

static char separatorOf(std::string_view line) {
  for (char candidate : {';', ','})
    if (line.find(candidate) != std::string_view::npos)
      return candidate;
  return ' ';
}

static void split(std::string_view line, char separator,
                  std::vector<std::string_view> &fields) {
  fields.clear();
  if (separator == ' ') { // any run of blanks
    for (size_t at = 0;
         (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
      const size_t end = std::min(line.find_first_of(" \t", at), line.size());
      fields.push_back(line.substr(at, end - at));
      at = end;
    }
    return;
  }
  for (size_t at = 0;;) {
    const size_t end = std::min(line.find(separator, at), line.size());
    fields.push_back(trim(line.substr(at, end - at)));
    if (end == line.size())
      return;
    at = end + 1;
  }
}

/// Independent of the locale, unlike strtod.
static bool toNumber(std::string_view field, double &value) {
  if (field.starts_with('+'))
    field.remove_prefix(1);
  if (field.empty())
    return false;
  const auto [end, code] =
      std::from_chars(field.data(), field.data() + field.size(), value);
  return code == std::errc() && end == field.data() + field.size();
}

static std::string shorten(std::string_view field) {
  std::string text;
  for (char c : field.substr(0, 40)) // binary files should not ring the bell
    text += c >= ' ' && c <= '~' ? c : '?';
  return text + (field.size() > 40 ? "..." : "");
}

Expected<CsvTable> parseCsv(std::string_view text, const std::string &name) {
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);
  CsvTable table;
  std::vector<double> values;
  std::vector<std::string_view> fields;
  size_t columns = 0, rows = 0;
  char separator = ' ';
  uint64_t lineNumber = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++lineNumber;
    line = trim(line.substr(0, line.find('#')));
    if (line.empty())
      continue;
    const bool first = columns == 0;
    if (first)
      separator = separatorOf(line);
    split(line, separator, fields);
    const std::string where = name + ", line " + std::to_string(lineNumber);
    if (first) {
      columns = fields.size();
      double ignored = 0;
      if (std::none_of(fields.begin(), fields.end(),
                       [&](auto field) { return toNumber(field, ignored); })) {
        for (std::string_view field : fields) {
          if (field.size() > 1 && field.front() == '"' && field.back() == '"')
            field = field.substr(1, field.size() - 2);
          table.header.push_back(shorten(field));
        }
        continue;
      }
    }
    if (fields.size() != columns)
      return inputError("has " + describeCount(fields.size(), "column") +
                            ", the lines before have " +
                            withSeparators(uint64_t{columns}),
                        where, "give every line the same columns");
    for (size_t i = 0; i < columns; ++i) {
      double value = 0;
      if (!toNumber(fields[i], value))
        return inputError("'" + shorten(fields[i]) + "' is not a number",
                          where + ", column " + std::to_string(i + 1));
      values.push_back(value);
    }
    ++rows;
  }
  if (rows == 0)
    return inputError("holds no numbers", name);
  table.values = NdArray::of(
      {static_cast<int64_t>(rows), static_cast<int64_t>(columns)}, values);
  return std::move(table);
}

Expected<CsvTable> readCsv(const std::string &path) {
  Expected<std::string> text = readFile(path);
  if (!text)
    return text.takeError();
  return parseCsv(*text, path);
}

} // namespace hillock
