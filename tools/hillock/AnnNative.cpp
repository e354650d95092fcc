//===- tools/hillock/AnnNative.cpp - Machine code of a network ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "tools/hillock/AnnVerbs.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace hillock::tool {

bool isNativeOutput(const std::string &path) {
  const llvm::StringRef extension = llvm::sys::path::extension(path);
  return extension == ".o" || extension == ".a";
}

namespace {

bool isIdentifier(const std::string &name) {
  if (name.empty() || llvm::isDigit(name[0]))
    return false;
  for (const char c : name)
    if (!llvm::isAlnum(c) && c != '_')
      return false;
  return true;
}

} // namespace

Error writeNative(const AnnModel &model, const std::string &path,
                  const AnnSettings &settings, Output &out) {
  if (!isIdentifier(settings.prefix))
    return makeError(ErrorKind::Usage,
                     "'" + settings.prefix + "' is no name in C", "--prefix");
  const int4::ZeroSkipping zeros =
      settings.skipZeros == "smaller" ? int4::ZeroSkipping::WhereSmaller
      : settings.skipZeros == "never" ? int4::ZeroSkipping::Never
                                      : int4::ZeroSkipping::WhereFaster;
  Expected<int4::NativeCode> code =
      int4::emitNative(*model.integers,
                       {settings.triple, settings.cpu, settings.features,
                        settings.prefix, zeros},
                       model.path);
  if (!code)
    return code.takeError();
  llvm::SmallString<128> header(path);
  llvm::sys::path::replace_extension(header, ".h");
  const bool object = llvm::sys::path::extension(path) == ".o";
  if (Error error = writeFile(path, object ? code->object : code->archive))
    return error;
  if (Error error = writeFile(header.str().str(), code->header))
    return error;
  out.line();
  out.item("kernels", code->kernel);
  out.item("flash", describeBytes(code->flashBytes()) + ": " +
                        describeBytes(code->rodataBytes) + " of data, " +
                        describeBytes(code->codeBytes) + " of code");
  out.item("RAM", describeBytes(code->ramBytes()) + ": " +
                      describeBytes(code->arenaBytes) + " arena, " +
                      describeBytes(code->stackBytes) + " stack, " +
                      describeBytes(code->inputBytes + code->outputBytes) +
                      " input and output");
  out.item("header", header.str().str());
  out.document["native"] = {
      {"kernels", code->kernel},         {"rodata_bytes", code->rodataBytes},
      {"code_bytes", code->codeBytes},   {"flash_bytes", code->flashBytes()},
      {"arena_bytes", code->arenaBytes}, {"stack_bytes", code->stackBytes},
      {"ram_bytes", code->ramBytes()},   {"header", header.str().str()}};
  return Error::success();
}

} // namespace hillock::tool
