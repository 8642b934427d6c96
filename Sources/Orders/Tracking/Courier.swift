/// A courier on whose own page a parcel can be followed.
package struct Courier: Equatable, Sendable {
    /// In lower case, for example `jne`.
    package let code: String
    package let name: String
    private let page: String
    /// What comes before the number in the page's address; `nil` if the page asks for the number itself.
    private let number: String?
    /// Other codes and names, in the form of ``key(_:)``.
    private let others: [String]

    private init(_ code: String, _ name: String, _ page: String, number: String? = nil, also others: String...) {
        self.code = code
        self.name = name
        self.page = page
        self.number = number
        self.others = others
    }

    package static let all = [
        Courier("jne", "JNE", "https://jne.co.id/tracking-package", also: "jneexpress"),
        Courier("jnt", "J&T Express", "https://jet.co.id/track", also: "jt", "jtexpress", "jntexpress"),
        Courier("sicepat", "SiCepat", "https://www.sicepat.com/checkAwb", also: "sicepatekspres", "sicepatexpress"),
        Courier(
            "ninja", "Ninja Xpress", "https://www.ninjaxpress.co/id-id/tracking", number: "?id=", also: "ninjaxpress", "ninjavan",
            "ninjaexpress"),
        Courier("anteraja", "AnterAja", "https://anteraja.id/tracking"),
        Courier("pos", "POS Indonesia", "https://www.posindonesia.co.id/id/tracking", number: "/", also: "posindonesia"),
        Courier("ide", "ID Express", "https://idexpress.com/lacak-paket", also: "idexpress", "idx"),
        Courier("lion", "Lion Parcel", "https://lionparcel.com/track/stt", number: "?q=", also: "lionparcel"),
        Courier("sap", "SAP Express", "https://www.sap-express.id/track", also: "sapexpress", "sapx"),
        Courier("wahana", "Wahana", "https://www.wahana.com/lacak-kiriman", also: "wahanaexpress"),
    ]

    private static let byKey: [String: Courier] = Dictionary(
        all.flatMap { courier in ([courier.code, key(courier.name)] + courier.others).map { ($0, courier) } }
    ) { first, _ in first }

    /// The courier with a code or a name, whatever its case and punctuation; `nil` if it is not known.
    package static func named(_ text: String) -> Courier? { byKey[key(text)] }

    private static func key(_ text: String) -> String { text.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) } }

    /// The page on which a parcel is followed. The number is in the address if the page takes it there.
    /// - Parameter receipt: the number of the parcel.
    package func page(for receipt: String) -> String {
        guard let number else { return page }
        let allowed = receipt.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
        }
        // No courier's numbers have anything else.
        return allowed ? page + number + receipt : page
    }
}
