/// What a buyer does to pay, in Indonesian and in English.
struct PaymentSteps {
    private(set) var indonesian: [String] = []
    private(set) var english: [String] = []

    private mutating func add(_ indonesian: String, _ english: String) {
        self.indonesian.append(indonesian)
        self.english.append(english)
    }

    init(_ payment: PaymentInstructions) {
        switch payment.state {
        case .paid: add("Pembayaran sudah diterima.", "Your payment has been received.")
        case .inReview:
            add("Penjual sedang memeriksa pembayaran Anda.", "The seller is checking your payment.")
        case .expired:
            add(
                "Batas waktu pembayaran sudah lewat. Jangan membayar lagi.", "The time to pay is over. Please don't pay any more."
            )
            add("Hubungi penjual untuk memesan kembali.", "Contact the seller to order again.")
        case .canceled:
            add("Pesanan ini tidak berlaku lagi. Jangan membayar lagi.", "This order is not open any more. Please don't pay.")
        case .notNeeded: add("Tidak ada yang perlu dibayar.", "There is nothing to pay.")
        case .unpaid: addOpen(payment)
        }
    }

    /// The steps of a payment that is awaited.
    private mutating func addOpen(_ payment: PaymentInstructions) {
        let amount = payment.amount.map(Self.rupiah)
        let pay = (amount.map { "tepat \($0)" } ?? "jumlah pesanan", amount.map { "exactly \($0)" } ?? "the order's amount")
        switch payment.kind {
        case .bankTransfer:
            add("Transfer \(pay.0) ke salah satu rekening penjual.", "Transfer \(pay.1) to one of the seller's accounts.")
            add("Unggah bukti transfer.", "Upload the proof of your transfer.")
        case .virtualAccount:
            guard let account = payment.destination.virtualAccount else { return addWaiting() }
            add("Buka aplikasi bank Anda dan pilih Virtual Account.", "Open your bank's app and choose Virtual Account.")
            let bank = account.bankCode.map { " \($0)" } ?? ""
            add("Masukkan nomor\(bank) \(account.number ?? "").", "Enter the\(bank) number \(account.number ?? "").")
            add("Bayar \(pay.0).", "Pay \(pay.1).")
        case .qr:
            guard payment.destination.qrString != nil else { return payment.destination.url == nil ? addWaiting() : addLink(pay) }
            add("Buka aplikasi yang dapat memindai QRIS.", "Open an app that can scan QRIS.")
            add("Pindai kode QR dan bayar \(pay.0).", "Scan the QR code and pay \(pay.1).")
        case .retail:
            guard let code = payment.destination.paymentCode else { return addWaiting() }
            add("Tunjukkan kode \(code) kepada kasir.", "Show the code \(code) to the cashier.")
            add("Bayar \(pay.0) dan simpan struknya.", "Pay \(pay.1) and keep the receipt.")
        case .link:
            guard payment.destination.url != nil else { return addWaiting() }
            addLink(pay)
        case .onDelivery:
            add("Siapkan \(pay.0) untuk kurir.", "Have \(pay.1) ready for the courier.")
        case .marketplace: add("Bayar di marketplace tempat Anda memesan.", "Pay on the marketplace where you ordered.")
        case .other: add("Hubungi penjual untuk cara membayar.", "Ask the seller how to pay.")
        case .none: add("Tidak ada yang perlu dibayar.", "There is nothing to pay.")
        }
    }

    private mutating func addLink(_ pay: (String, String)) {
        add("Buka halaman pembayaran dan bayar \(pay.0).", "Open the payment page and pay \(pay.1).")
    }

    /// The payment provider has not said yet where to pay.
    private mutating func addWaiting() {
        add(
            "Petunjuk pembayaran sedang disiapkan. Muat ulang sebentar lagi.",
            "The payment details are being prepared. Look again in a moment.")
    }

    /// An amount as it is written in Indonesia: `Rp97.123`, with sen only if there are any.
    static func rupiah(_ amount: Money) -> String {
        let (whole, sen) = amount.minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        var (groups, rest): ([String], UInt64) = ([], whole)
        while rest >= 1000 {
            let group = String(rest % 1000)
            groups.insert(String(repeating: "0", count: 3 - group.count) + group, at: 0)
            rest /= 1000
        }
        groups.insert(String(rest), at: 0)
        let sign = amount.minorUnits < 0 ? "-" : ""
        return "\(sign)Rp\(groups.joined(separator: "."))\(sen == 0 ? "" : ",\(sen < 10 ? "0" : "")\(sen)")"
    }
}
