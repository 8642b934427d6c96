import Foundation

/// Writes to standard output at once, also where that is a pipe whose reader waits for the words.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
}
