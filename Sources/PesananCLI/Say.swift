import Foundation

/// Writes to standard output at once, also where that is a pipe whose reader waits for the words.
func say(_ text: String) { write(text, to: .standardOutput) }

/// Writes to standard error, where neither progress nor errors get between the lines of an answer.
func remark(_ text: String) { write(text, to: .standardError) }

/// Nobody can be told where there is nobody to be told.
private func write(_ text: String, to file: FileHandle) { try? file.write(contentsOf: Data(text.utf8)) }
