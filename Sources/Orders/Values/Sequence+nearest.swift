extension Sequence<String> {
    /// The name that differs least from one that is not here; `nil` if none is alike.
    package func nearest(to name: String) -> String? {
        let nearest = map { (name: $0, distance: $0.distance(to: name)) }.min { $0.distance < $1.distance }
        return nearest.flatMap { $0.distance <= 3 ? $0.name : nil }
    }

    /// What is told to whoever gives a name that is not here: with the one they may mean.
    package func words(forUnknown name: String) -> String {
        // Nothing is like a long name, and the search would take long.
        let nearest = name.utf8.count > 40 ? nil : nearest(to: name)
        return "is not known" + (nearest.map { ": is \($0) meant?" } ?? "")
    }
}

extension String {
    /// How many letters have to be added, removed or replaced to make one text of another (Levenshtein).
    fileprivate func distance(to other: String) -> Int {
        let other = Array(other.utf8)
        var row = Array(0...other.count)
        for (position, letter) in utf8.enumerated() {
            var diagonal = row[0]
            row[0] = position + 1
            for (column, otherLetter) in other.enumerated() {
                (diagonal, row[column + 1]) = (
                    row[column + 1], Swift.min(row[column] + 1, row[column + 1] + 1, diagonal + (letter == otherLetter ? 0 : 1))
                )
            }
        }
        return row[other.count]
    }
}
