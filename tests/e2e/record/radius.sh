# RADIUS: FreeRADIUS, asked by radclient.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# Whoever is called carol has to answer a question first.
radius_config() {
  cat <<END
client test {
  ipaddr = 192.0.2.0/24
  secret = testing123
}
modules {
  pap {
  }
  always handled {
    rcode = handled
  }
}
server default {
  listen {
    type = auth
    ipaddr = 192.0.2.1
    port = $1
  }
  authorize {
    update control {
      Cleartext-Password := "hello"
    }
    if (&User-Name == "carol" && !&State) {
      update control {
        Response-Packet-Type := Access-Challenge
      }
      update reply {
        Reply-Message := "Your code?"
        Framed-IP-Address := 192.0.2.77
        State := 0x31
      }
      handled
    }
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
}
END
}

record_radius() {
  local port
  for port in 1812 1645; do
    mkdir conf$port
    radius_config $port >conf$port/radiusd.conf
    serve freeradius -f -d "$work/conf$port" -D /usr/share/freeradius -l stdout
    wait_udp $port
  done
  start_capture
  local attributes='NAS-IP-Address=192.0.2.10,Calling-Station-Id="00-14-22-E9-54-5E",Connect-Info="CONNECT 54 Mbps"'
  ask() { printf 'User-Name=%s,User-Password=%s,%s\n' "$1" "$2" "$attributes" | in_client radclient -r 1 -t 2 "$3" auth testing123 || true; }
  ask bob hello 192.0.2.1
  ask bob wrong 192.0.2.1
  ask alice hello 192.0.2.1:1645
  ask bob hello 192.0.2.99
  printf 'User-Name=carol,User-Password=x,%s\n\nUser-Name=carol,User-Password=hello,State=0x31,NAS-IP-Address=192.0.2.10\n' "$attributes" >carol
  in_client radclient -p 1 -r 1 -t 2 -f carol 192.0.2.1 auth testing123 || true
}
