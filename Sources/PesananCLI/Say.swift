import Foundation

/// Writes to standard output without buffering, so that the reader of a pipe sees the text at once.
func say(_ text: String) { write(text, to: .standardOutput) }

/// Writes to standard error, which keeps progress and errors out of the output.
func remark(_ text: String) { write(text, to: .standardError) }

/// Tells a person at a terminal what they may want to do next. Programs don't see it.
func suggest(_ text: String) { if isatty(2) == 1 { remark("\(text)\n") } }

/// The examples of a command's help.
func examples(_ lines: String...) -> String { "Examples:\n" + lines.map { "  \($0)" }.joined(separator: "\n") }

/// Write errors are ignored: if nobody reads the output, nobody can be told.
private func write(_ text: String, to file: FileHandle) { try? file.write(contentsOf: Data(text.utf8)) }
