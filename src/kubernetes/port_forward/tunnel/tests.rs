use super::*;

/// Makes a tunnel whose websocket ends in `other`, as the API server's would.
async fn pair() -> (Tunnel, WebSocketStream<tokio::net::TcpStream>) {
    // `Upgraded` can only be had from hyper: one real upgrade over a loopback socket.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(tokio::io::AsyncReadExt::read_u8(&mut stream).await.unwrap());
        }
        let answer =
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await.unwrap();
        let role = tokio_tungstenite::tungstenite::protocol::Role::Server;
        WebSocketStream::from_raw_socket(stream, role, None).await
    });
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    let request = http::Request::get("/")
        .header("connection", "upgrade")
        .header("upgrade", "x")
        .body(String::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let upgraded = hyper::upgrade::on(response).await.unwrap();
    let role = tokio_tungstenite::tungstenite::protocol::Role::Client;
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), role, None).await;
    let tunnel = Tunnel {
        socket,
        port: 9000,
        received: Bytes::new(),
        is_open: [false; 2],
        has_ended: false,
        failure: None,
    };
    (tunnel, server.await.unwrap())
}

async fn send(other: &mut WebSocketStream<tokio::net::TcpStream>, bytes: &[u8]) {
    use futures::SinkExt as _;
    other.send(Message::binary(bytes.to_vec())).await.unwrap();
}

const PORT: [u8; 2] = 9000_u16.to_le_bytes();

#[tokio::test]
async fn data_is_read_in_pieces_of_any_size_up_to_the_end() {
    use tokio::io::AsyncReadExt as _;
    let (mut tunnel, mut other) = pair().await;
    send(&mut other, &[DATA, PORT[0], PORT[1]]).await;
    send(&mut other, &[ERROR, PORT[0], PORT[1]]).await;
    send(&mut other, b"\0hello").await;
    send(&mut other, b"\0 world").await;
    let mut piece = [0; 3];
    tunnel.read_exact(&mut piece).await.unwrap();
    assert_eq!(&piece, b"hel");
    other.close(None).await.unwrap();
    let mut rest = Vec::new();
    tunnel.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"lo world");
}

#[tokio::test]
async fn what_is_written_comes_in_frames_of_64_kib() {
    use tokio::io::AsyncWriteExt as _;
    let (mut tunnel, mut other) = pair().await;
    let bytes: Vec<u8> =
        (0..FRAME + 10).map(|number| u8::try_from(number % 251).unwrap()).collect();
    let writing = async {
        tunnel.write_all(&bytes).await.unwrap();
        tunnel.flush().await.unwrap();
    };
    let reading = async {
        let mut frames = Vec::new();
        while frames.iter().map(Vec::len).sum::<usize>() < FRAME + 12 {
            frames.push(other.next().await.unwrap().unwrap().into_data().to_vec());
        }
        frames
    };
    let ((), frames) = tokio::join!(writing, reading);
    assert_eq!(frames.iter().map(Vec::len).collect::<Vec<_>>(), [FRAME + 1, 11]);
    assert!(frames.iter().all(|frame| frame[0] == DATA));
    let received: Vec<u8> = frames.iter().flat_map(|frame| frame[1..].to_vec()).collect();
    assert!(received == bytes);
}

#[tokio::test]
async fn an_error_text_fails_this_and_every_later_call() {
    use tokio::io::AsyncReadExt as _;
    use tokio::io::AsyncWriteExt as _;
    let (mut tunnel, mut other) = pair().await;
    send(&mut other, &[DATA, PORT[0], PORT[1]]).await;
    send(&mut other, &[ERROR, PORT[0], PORT[1]]).await;
    send(&mut other, b"\0last words").await;
    send(&mut other, b"\x01dial tcp4 127.0.0.1:9000: connect: connection refused\n").await;
    let mut words = [0; 10];
    tunnel.read_exact(&mut words).await.unwrap();
    for _ in 0..2 {
        let error = tunnel.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(error.to_string().ends_with("connect: connection refused"), "{error}");
    }
    assert!(tunnel.write_all(b"x").await.is_err());
}

#[tokio::test]
async fn what_is_not_the_protocol_is_an_error() {
    use tokio::io::AsyncReadExt as _;
    for bytes in [&b""[..], &[DATA, 1, 2], &[DATA, PORT[0]], &[2, PORT[0], PORT[1]]] {
        let (mut tunnel, mut other) = pair().await;
        send(&mut other, bytes).await;
        let error = tunnel.read_u8().await.unwrap_err();
        assert!(error.to_string().starts_with("the API server sent "), "{error}");
    }
}
