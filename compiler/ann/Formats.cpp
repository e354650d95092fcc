//===- compiler/ann/Formats.cpp - How weights are coded -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Formats.h"
#include "base/Describe.h"

namespace hillock::ann {

std::string WeightFormat::name() const {
  if (code == Code::Linear)
    return "int" + std::to_string(bits);
  return code == Code::Log2 ? "log2" : "log4";
}

std::vector<std::string> weightFormatNames() {
  return {"int8", "int4", "int2", "log4", "log2"};
}

Expected<WeightFormat> parseWeightFormat(const std::string &name) {
  for (const WeightFormat &format :
       {WeightFormat{Code::Linear, 8}, WeightFormat{Code::Linear, 4},
        WeightFormat{Code::Linear, 2}, WeightFormat{Code::Log4, 4},
        WeightFormat{Code::Log2, 4}})
    if (format.name() == name)
      return format;
  return makeError(ErrorKind::Usage, "'" + name + "' is no weight format", "",
                   didYouMean(name, weightFormatNames()));
}

} // namespace hillock::ann
