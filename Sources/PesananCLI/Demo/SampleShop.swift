import JSON
import Orders

/// Sample stores, customers and orders for the demo. They are the same on every run except for their dates.
struct SampleShop {
    /// A moment shortly after the newest order.
    let now: Timestamp

    /// The number of orders, enough for each status with each payment method of its kind, and for several pages.
    static let orderCount = 120

    static let stores: [JSON] = [
        store(number: 1, "store_kopitepisawah", name: "Kopi Tepi Sawah", logo: "https://example.com/kopi-tepi-sawah.webp"),
        store(number: 2, "store_bukulintaspulau", name: "Buku Lintas Pulau", logo: nil),
    ]

    /// The customer whose orders the demo shows: the first customer of the first store.
    static let showcase = (store: "store_kopitepisawah", email: "siti.rahayu@example.com")

    static let customers: [[(name: String, email: String)]] = [
        [
            ("Siti Rahayu", "siti.rahayu@example.com"), ("Budi Santoso", "budi.santoso@example.com"),
            ("Made Wirawan", "made.wirawan@example.com"),
        ],
        [("Dewi Lestari", "dewi.lestari@example.com"), ("Andi Pratama", "andi.pratama@example.com")],
    ]

    static let products: [SampleProduct] = [
        SampleProduct(name: "Kopi Gayo Arabika 250 g", itemType: "physical", price: 85_000, grams: 270, option: "Biji utuh"),
        SampleProduct(name: "Buku Resep “Dapur Nusantara”", itemType: "physical", price: 120_000, grams: 640, option: nil),
        SampleProduct(name: "E-book: Menyeduh di Rumah", itemType: "digital", price: 49_000, grams: 0, option: nil),
        SampleProduct(name: "Kelas Barista Akhir Pekan ☕", itemType: "course", price: 350_000, grams: 0, option: "Daring"),
        SampleProduct(name: "Lisensi Aplikasi Kasir (1 tahun)", itemType: "license", price: 990_000, grams: 0, option: nil),
        SampleProduct(
            name: "Gelas Keramik <Edisi Sawah>", itemType: "physical", price: 67_500, grams: 350, option: "Hijau & putih"),
    ]

    static let paymentMethods = [
        "bank_transfer", "cod", "qris", "card", "invoice", "payment_link", "alfamart", "ovo", "dana", "shopeepay", "linkaja",
        "gopay", "no_payment", "marketplace", "va_bca", "va_bni", "va_bri", "va_mandiri", "va_permata", "va_cimb", "va_bsi",
    ]

    /// The orders as a merchant's system exports them, oldest first.
    var orders: [JSON] {
        var generator = RepeatableGenerator(state: 1)
        return (0..<Self.orderCount).reversed().map { age in
            SampleOrder(number: Self.orderCount - age, createdAt: createdAt(age: age)).json(using: &generator)
        }
    }

    /// Orders are seven hours and some minutes apart, and the newest is a few minutes old.
    private func createdAt(age: Int) -> Timestamp {
        Timestamp(seconds: now.seconds - 300 - Int64(age) * 25_733)
    }

    private static func store(number: Int, _ id: String, name: String, logo: String?) -> JSON {
        [
            "id": .number(String(number)), "unique_id": .string(id), "name": .string(name),
            "logo": logo.map(JSON.string) ?? .null,
            "payment_accounts": [
                [
                    "id": .number(String(number * 10)), "unique_id": .string("pa_\(number)"), "method": "bank_transfer",
                    "account_holder": .string("PT \(name)"), "account_number": .string("880000\(number)2345"),
                    "financial_entity": [
                        "id": 1, "code": "bca", "entity_type": "bank", "name": "Bank Central Asia", "platform": nil,
                        "duitku_code": "014", "xendit_code": "BCA",
                    ],
                ]
            ],
            "days_of_payment_processing": 2, "is_auto_expire": true, "auto_expire_days": 3, "is_show_whatsapp": true,
            "is_show_download_invoice": true,
        ]
    }
}

struct SampleProduct {
    let name: String
    let itemType: String
    /// In rupiah.
    let price: Int
    let grams: Int
    let option: String?
}

/// A SplitMix64 generator that yields the same numbers on every run, so that the demo is the same too.
struct RepeatableGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
