/// The passwords of eight or more characters that attackers guess first.
enum CommonPasswords {
    /// Whether a password in lower case is one of the most common, or follows one of their patterns: a repeated character or
    /// short sequence, a run of the keyboard or of the alphabet, or a common word followed by digits.
    static func contain(_ password: String) -> Bool {
        let characters = Array(password)
        if words.contains(password) || repeats(characters) || isRun(characters) { return true }
        let word = characters.prefix { !$0.isNumber && !"!@#.?*_-".contains($0) }
        let rest = characters.dropFirst(word.count)
        return word.count >= 4 && rest.count <= 4 && rest.allSatisfy { $0.isNumber || "!@#.?*_-".contains($0) }
            && stems.contains(String(word))
    }

    /// Whether it repeats a sequence of up to four characters.
    private static func repeats(_ password: [Character]) -> Bool {
        (1...4).contains { length in
            password.count >= 2 * length && password.indices.allSatisfy { password[$0] == password[$0 % length] }
        }
    }

    private static func isRun(_ password: [Character]) -> Bool {
        runs.contains { run in
            run.contains(String(password)) || String(run.reversed()).contains(String(password))
        }
    }

    private static let runs = [
        "012345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertyuiop[]", "asdfghjkl;'",
        "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn", "zaq1xsw2cde3vfr4",
        "q1w2e3r4t5y6u7i8o9p0",
        "azertyuiopqsdfghjklm", "qwertzuiopasdfghjklyxcvbnm", "147258369", "987654321", "789456123", "159753", "!@#$%^&*()",
    ]

    /// Words that become a common password with a few digits or symbols appended.
    private static let stems: Set<String> = [
        "password", "passw", "pass", "passwort", "kata", "sandi", "katasandi", "rahasia", "bismillah", "alhamdulillah",
        "subhanallah",
        "assalamualaikum", "indonesia", "merdeka", "garuda", "jakarta", "bandung", "surabaya", "sayang", "sayangku", "cinta",
        "cintaku",
        "kamu", "aku", "akucinta", "ganteng", "cantik", "keluarga", "mamapapa", "papamama", "anakku", "ibuku", "doraemon",
        "naruto",
        "persib", "persija", "arema", "admin", "administrator", "user", "test", "testing", "tester", "demo", "guest", "root",
        "login",
        "welcome", "letmein", "changeme", "default", "secret", "master", "dragon", "monkey", "shadow", "sunshine", "princess",
        "football",
        "baseball", "superman", "batman", "iloveyou", "loveyou", "love", "lovely", "qwerty", "qwertyui", "asdf", "asdfgh",
        "zxcvbn",
        "abcd", "abcdef", "michael", "jordan", "charlie", "daniel", "jessica", "ashley", "hunter", "killer", "trustno", "pokemon",
        "google", "facebook", "internet", "computer", "samsung", "android", "apple", "whatever", "freedom", "summer", "winter",
        "spring",
        "autumn", "january", "monday", "hello", "liverpool", "chelsea", "arsenal", "barcelona", "juventus", "manchester",
        "realmadrid",
        "toko", "tokoku", "belanja", "pesanan", "order", "shopping", "customer", "muhammad", "ahmad", "sukses", "berkah",
        "semangat",
    ]

    /// Common passwords that match none of the patterns above.
    private static let words: Set<String> = [
        "1234567890", "123456789", "12345678", "1234567891", "11223344", "112233445566", "123123123", "12341234", "123454321",
        "1234554321", "123321123", "12344321", "87654321", "00000000", "11111111", "88888888", "66666666", "99999999",
        "147852369",
        "14789632", "19871987", "20002000", "p@ssw0rd", "p@ssword", "pa$$word", "passw0rd", "password1", "password!",
        "password12",
        "1password", "mypassword", "newpassword", "q1w2e3r4", "1q2w3e4r", "1qaz2wsx", "zaq12wsx", "qwer1234", "qwerty12",
        "abc12345",
        "abcd1234", "a1b2c3d4", "aa123456", "a12345678", "a123456789", "asd12345", "asdf1234", "zxcv1234", "iloveyou",
        "iloveyou2",
        "ilovegod", "sunshine", "princess", "football", "baseball", "superman", "trustno1", "letmein1", "welcome1", "starwars",
        "whatever", "computer", "corvette", "mercedes", "maverick", "midnight", "jennifer", "michelle", "samantha", "elizabeth",
        "basketball", "butterfly", "chocolate", "liverpool", "manchester", "blink182", "metallica", "slipknot", "nirvana1",
        "indonesia", "indonesiaku", "bismillah", "bismillah1", "rahasia1", "rahasiaku", "sayangku", "sayangkamu", "akusayangkamu",
        "cintaku", "akucintakamu", "terserah", "gaktau123", "katasandi", "passwordku", "passwordnya", "sandikata", "jakarta1",
        "pancasila", "bhinneka", "garuda123", "merdeka45", "17081945", "17agustus", "17agustus1945", "doraemon", "dragonball",
        "tokopedia", "shopee123", "bukalapak", "telkomsel", "indosat1", "blackberry", "facebook", "instagram", "whatsapp",
        "qwertyuiop", "qwerty123", "qwerty1234", "1234qwer", "123qweasd", "qweasdzxc", "asdfghjkl", "zxcvbnm1", "password123",
        "admin1234", "administrator", "changeme", "letmein!", "secret123", "test1234", "testtest", "default1", "temp1234",
        "welcome123",
        "correcthorsebatterystaple", "thequickbrownfox", "assalamualaikum", "alhamdulillah", "muhammad", "muhammad1", "ramadhan",
        "januari1", "februari", "september", "november", "desember", "minggu123", "keluarga", "keluargaku", "bahagia1",
        "bahagiaku",
    ]
}
