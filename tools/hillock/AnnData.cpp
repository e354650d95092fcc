//===- tools/hillock/AnnData.cpp - Samples as vectors ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "runtime/stream/ReadData.h"
#include "tools/hillock/AnnOptions.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace hillock::tool {

namespace {

/// A line "file, classes, label" of MLPerf Tiny's y_labels.csv.
struct Labelled {
  std::string file;
  int64_t label = 0;
};

Expected<std::vector<Labelled>> parseLabels(const std::string &text,
                                            const std::string &path) {
  std::vector<Labelled> rows;
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n', -1, false);
  for (size_t i = 0; i < lines.size(); ++i) {
    llvm::SmallVector<llvm::StringRef> fields;
    lines[i].trim().split(fields, ',');
    Labelled row;
    if (lines[i].trim().empty())
      continue;
    if (fields.size() != 3 ||
        !llvm::to_integer(fields[2].trim(), row.label, 10))
      return inputError("is not 'file, classes, label'",
                        path + ", line " + std::to_string(i + 1));
    row.file = fields[0].trim().str();
    if (llvm::sys::path::filename(row.file) != row.file)
      return inputError("the file is not in the folder",
                        path + ", line " + std::to_string(i + 1));
    rows.push_back(std::move(row));
  }
  return std::move(rows);
}

Expected<AnnData> loadFolder(const std::string &folder, size_t elements,
                             const std::optional<ann::Quantization> &given,
                             int64_t first, int64_t count) {
  const std::string list = folder + "/y_labels.csv";
  if (!given)
    return inputError("holds codes, but the network does not say what they "
                      "mean",
                      folder, "use a network with QuantizeLinear at its input");
  Expected<std::string> text = readFile(list);
  if (!text)
    return text.takeError();
  Expected<std::vector<Labelled>> rows = parseLabels(*text, list);
  if (!rows)
    return rows.takeError();
  AnnData data;
  for (int64_t i = first; i < static_cast<int64_t>(rows->size()) &&
                          (count == 0 || i < first + count);
       ++i) {
    const Labelled &row = (*rows)[static_cast<size_t>(i)];
    Expected<std::string> bytes = readFile(folder + "/" + row.file);
    if (!bytes)
      return bytes.takeError();
    if (bytes->size() != elements)
      return inputError("has " + describeBytes(bytes->size()) + ", not " +
                            std::to_string(elements),
                        folder + "/" + row.file);
    std::vector<float> sample;
    for (const char byte : *bytes)
      sample.push_back(
          static_cast<float>(given->real(static_cast<signed char>(byte))));
    data.samples.push_back(std::move(sample));
    data.labels.push_back(row.label);
  }
  return std::move(data);
}

/// Axes of size 1 are often left out in files.
ann::Shape squeezed(const ann::Shape &shape) {
  ann::Shape result;
  for (const int64_t size : shape)
    if (size != 1)
      result.push_back(size);
  return result.empty() ? ann::Shape{1} : result;
}

Expected<runtime::DataSet> readAs(const std::string &path,
                                  const ann::Shape &shape, int64_t first,
                                  int64_t count) {
  runtime::ReadOptions options;
  options.inputShape = shape;
  options.encode.emplace();
  options.encode->encoding = runtime::Encoding::None;
  options.encode->steps = 1;
  options.steps = 1;
  options.firstSample = first;
  if (count > 0)
    options.maxSamples = count;
  return runtime::readData(path, options);
}

} // namespace

Expected<AnnData> loadAnnData(const std::string &path, const ann::Shape &shape,
                              const std::optional<ann::Quantization> &given,
                              int64_t first, int64_t count) {
  const auto elements =
      static_cast<size_t>(ann::countElements(shape).value_or(0));
  if (llvm::sys::fs::exists(path + "/y_labels.csv"))
    return loadFolder(path, elements, given, first, count);
  Expected<runtime::DataSet> read = readAs(path, shape, first, count);
  if (!read && squeezed(shape) != shape) {
    Expected<runtime::DataSet> again =
        readAs(path, squeezed(shape), first, count);
    if (again) {
      llvm::consumeError(read.takeError());
      read = std::move(again);
    } else {
      llvm::consumeError(again.takeError());
    }
  }
  if (!read)
    return read.takeError();
  AnnData data;
  for (const runtime::Stimulus &sample : read->samples) {
    data.samples.push_back(sample.toDense());
    if (data.samples.back().size() != elements)
      return inputError(
          "its samples have " +
              describeCount(data.samples.back().size(), "element") +
              ", the network's input " + std::to_string(elements),
          path);
  }
  data.labels = std::move(read->labels);
  return std::move(data);
}

} // namespace hillock::tool
