# cmake -DOUT=FILE -DFILES=a.mlir,b.mlir -P EmbedLibrary.cmake
#
# Writes a C++ file with the text of every model of the library.
string(REPLACE "," ";" FILES "${FILES}")
list(SORT FILES)
set(entries "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "    {\"${name}\", R\"mlir(${text})mlir\"},\n")
endforeach()
file(WRITE ${OUT} "// Generated from dialects/neuron/library.
namespace hillock::neuron::library {
struct File {
  const char *name;
  const char *text;
};
extern const File files[];
const File files[] = {
${entries}    {nullptr, nullptr}};
} // namespace hillock::neuron::library
")
